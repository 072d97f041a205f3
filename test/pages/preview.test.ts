import { MAX_CARRIED_OCTETS } from '../../src/hkp/limits.ts';
import { armor } from '../../src/openpgp/armor.ts';
import { describe, expect, it } from 'vitest';
import type { PreviewEntry, PreviewPage } from '../../src/hkp/html.ts';
import { htmlView } from '../../src/pages/view.ts';
import { certificateState, subkeyState, userIdState } from './certificate-states.ts';

const ENTRY: PreviewEntry = {
  outcome: 'inserted',
  before: undefined,
  after: certificateState(),
  weaknesses: new Map(),
  leftOut: [],
};

function preview(entry: Partial<PreviewEntry>, page: Partial<PreviewPage> = {}): string {
  const entries = [{ ...ENTRY, ...entry }];
  return htmlView.preview({ entries, more: 0, refused: [], keytext: 'ARMOR', ...page });
}

describe('the preview of a push', () => {
  it('says that nothing is stored yet, shows the names, and carries the upload in the form that stores it', () => {
    const page = preview({});
    expect(page).toContain('Not stored yet');
    expect(page).toContain('new here');
    expect(page).toContain('Bob &lt;bob@example.org&gt;');
    expect(page).toMatch(/<form[^>]*action="\/push"[\s\S]*name="keytext" value="ARMOR"/u);
  });

  it('marks what would be new beside what is held', () => {
    const page = preview({
      outcome: 'updated',
      before: certificateState({ userIds: [userIdState('Old')] }),
      after: certificateState({
        userIds: [userIdState('Old'), userIdState('New')],
        subkeys: [subkeyState()],
      }),
    });
    expect(page).toMatch(/<bdi>New<\/bdi>[^<]*<strong class="flag good">new/u);
    expect(page).not.toMatch(/<bdi>Old<\/bdi>[^<]*<strong class="flag good">new/u);
    expect(page).toContain('1 subkey, 1 of them new');
  });

  it('says what would not be kept, what is refused and what is weak', () => {
    const page = preview(
      {
        leftOut: [{ what: 'third-party certification', why: 'not verified by this server', count: 2 }],
        weaknesses: new Map([['x', ['RSA below 2048 bits']]]),
      },
      {
        refused: [
          { fingerprint: 'AB'.repeat(20), code: 'BLOCKED', reason: 'this server does not take this key' },
        ],
      },
    );
    expect(page).toContain('2 third-party certifications: not verified by this server');
    expect(page).toContain('RSA below 2048 bits');
    expect(page).toContain('this server does not take this key');
  });

  it('offers nothing to store when all of it is here', () => {
    const page = preview({ outcome: 'unchanged', before: certificateState() });
    expect(page).toContain('Nothing new in it');
    expect(page).not.toContain('action="/push"');
  });

  it('asks for the file again when it is too large to be carried', () => {
    const page = preview({}, { keytext: undefined });
    expect(page).toMatch(/action="\/push"[\s\S]*<input[^>]*name="keytext"[^>]*type="file"/u);
  });

  it('L21 stays below 50 KB with the largest upload that it carries, whatever others have written', () => {
    const text = '\u202E<"&'.repeat(256);
    const after = certificateState({
      revoked: true,
      revocation: { at: 0, hard: true, code: 0, text },
      userIds: Array.from({ length: 100 }, () => userIdState(text)),
    });
    const refused = Array.from({ length: 100 }, () => ({ code: 'BLOCKED' as const, reason: text }));
    const entries = Array.from({ length: 10 }, () => ({ ...ENTRY, after }));
    const page = htmlView.preview({
      entries,
      more: 5,
      refused,
      keytext: armor(new Uint8Array(MAX_CARRIED_OCTETS)),
    });
    expect(Buffer.byteLength(page)).toBeLessThan(50_000);
  });
});
