import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { KeyPage } from '../../src/hkp/html.ts';
import type { Change } from '../../src/keystore/keystore.ts';
import { htmlView } from '../../src/pages/view.ts';
import { certificateState, subkeyState, userIdState } from './certificate-states.ts';

const NOW = 1_704_067_200;
const YEAR = 365 * 86_400;
const FINGERPRINT = certificateState().fingerprint;

function change(sequence: number, kind: Change['kind']): Change {
  return { sequence, kind, time: 1000 * (NOW - 1000 + sequence), fingerprint: FINGERPRINT };
}

function keyPage(changes: Partial<KeyPage> = {}): string {
  return htmlView.key({
    certificate: certificateState(),
    weaknesses: new Map(),
    proven: [],
    history: [change(7, 'updated'), change(3, 'inserted')],
    historyCut: false,
    octets: 1234,
    now: NOW,
    origin: 'https://keys.example.org',
    ...changes,
  });
}

describe('the page of a key', () => {
  it('F9 says that names are not checked, and gives the fingerprint to compare, to copy and as a QR code', () => {
    const page = keyPage();
    expect(page).toContain('Names and e-mail addresses are not checked');
    expect(page).toMatch(new RegExp(`<button type="button" class="copy" data-copy="${FINGERPRINT}" hidden>`));
    expect(page).toContain('aria-label="The fingerprint as a QR code"');
    expect(page).toContain('compare all 40 digits');
  });

  it('has commands with the whole fingerprint and the address of the server for each client', () => {
    const page = keyPage();
    for (const program of ['singularity', 'apptainer', 'vouch']) {
      expect(page).toContain(`${program} key pull --url https://keys.example.org ${FINGERPRINT}`);
    }
    expect(page).toContain(`gpg --keyserver hkps://keys.example.org --recv-keys ${FINGERPRINT}`);
  });

  it('does not send clients that cannot read a version 6 key to one', () => {
    const page = keyPage({ certificate: certificateState({ version: 6, fingerprint: 'AB'.repeat(32) }) });
    expect(page).not.toContain('singularity key pull');
    expect(page).toContain('vouch key pull');
  });

  it('has lines for a policy, but not of a key that is revoked or expired', () => {
    const page = keyPage({
      certificate: certificateState({ userIds: [userIdState('A', { email: 'Al"ice]\n@x' })] }),
    });
    expect(page).toContain(`name = &quot;al-ice&quot;\nkeys = [&quot;${FINGERPRINT}&quot;]`);
    const revocation = { at: NOW - 5, hard: true, code: 2, text: '' };
    const revoked = keyPage({ certificate: certificateState({ revoked: true, revocation }) });
    expect(revoked).not.toContain('[[signer]]');
    expect(revoked).toContain('Its secret part has been or may have been stolen.');
    expect(keyPage({ certificate: certificateState({ expired: true, expires: NOW - 1 }) })).not.toContain(
      '[[signer]]',
    );
  });

  it('says which address was proven and when, whatever its case, and what that is worth', () => {
    const userIds = [
      userIdState('Bob <Bob@Example.org>', { email: 'Bob@Example.org' }),
      userIdState('boss@example.net <bob@example.org>', { email: 'bob@example.org' }),
      userIdState('Other', { email: 'o@x' }),
    ];
    const page = keyPage({
      certificate: certificateState({ userIds }),
      proven: [{ address: 'bob@example.org', time: NOW * 1000 }],
    });
    expect(page.match(/address proven <time[^>]*>2024-01-01/gu)).toHaveLength(1);
    expect(page).toMatch(/It says nothing about the\s+name/u);
    expect(keyPage()).not.toContain('proven');
  });

  it('tells the history, newest first, and that some is left out', () => {
    const page = keyPage({ historyCut: true });
    expect(page.indexOf('something was added')).toBeLessThan(page.indexOf('stored here for the first time'));
    expect(page).toContain('There are older changes');
    expect(keyPage()).not.toContain('There are older changes');
  });

  it('lists subkeys with what they are for, and says which are weak', () => {
    const subkey = subkeyState({ flags: 0x0e, revoked: true });
    const page = keyPage({
      certificate: certificateState({ subkeys: [subkey] }),
      weaknesses: new Map([[subkey.fingerprint, ['RSA below 2048 bits']]]),
    });
    expect(page).toMatch(/RSA 4096 bits, signs, encrypts,/u);
    expect(page).toMatch(/flag revoked">weak<\/strong>\s+RSA below 2048 bits/u);
    expect(page).toContain('nothing weak found');
  });

  it('draws when keys are valid, and says it in words for those who do not see it', () => {
    const page = keyPage({
      certificate: certificateState({ created: NOW - YEAR, expires: NOW + YEAR, subkeys: [subkeyState()] }),
    });
    expect(page).toContain(
      'aria-label="When the keys are valid. Primary key: from 2023-01-01, until 2024-12-31. Subkey …ABABABAB: from',
    );
  });

  it('draws within the picture whatever the dates', () => {
    const time = fc.integer({ min: 0, max: 2 ** 33 });
    fc.assert(
      fc.property(time, fc.option(time), time, fc.boolean(), (created, expires, now, revoked) => {
        const page = keyPage({
          now,
          certificate: certificateState({
            created,
            ...(expires === null ? {} : { expires }),
            ...(revoked ? { revoked, revocation: { at: now, hard: false, code: 3, text: '' } } : {}),
          }),
        });
        for (const [, percent] of page.matchAll(/\b(?:x|x1|x2|width)="(-?[\d.]+|NaN|Infinity)%"/gu)) {
          expect(Number(percent)).toBeGreaterThanOrEqual(0);
          expect(Number(percent)).toBeLessThanOrEqual(100);
        }
      }),
    );
  });

  it('L21 stays below 50 KB and shows what it left out, whatever others have written', () => {
    const text = '\u202E<"&'.repeat(256);
    const page = keyPage({
      certificate: certificateState({
        revoked: true,
        revocation: { at: NOW, hard: true, code: 0, text: text.repeat(10) },
        userIds: Array.from({ length: 500 }, () => userIdState(text)),
        subkeys: Array.from({ length: 200 }, () => subkeyState()),
      }),
      history: Array.from({ length: 40 }, (_, index) => change(index + 1, 'updated')),
    });
    expect(Buffer.byteLength(page)).toBeLessThan(50_000);
    expect(page).toMatch(/and \d+ more names/u);
    expect(page).toMatch(/and \d+ more subkeys/u);
  });
});

describe('the results page', () => {
  it('L21 stays below 50 KB, every certificate on it, whatever others have written', () => {
    const text = '\u202E<"&'.repeat(256);
    const revocation = { at: NOW, hard: true, code: 0, text };
    const certificates = Array.from({ length: 20 }, (_, index) =>
      certificateState({
        fingerprint: index.toString(16).padStart(64, '0').toUpperCase(),
        revoked: true,
        revocation,
        userIds: Array.from({ length: 50 }, () => userIdState(text)),
      }),
    );
    const page = htmlView.results({ search: text.slice(0, 1024), certificates, next: undefined });
    expect(Buffer.byteLength(page)).toBeLessThan(50_000);
    for (const { fingerprint } of certificates) expect(page).toContain(`href="/key/${fingerprint}"`);
  });
});

describe('the page of a removed key', () => {
  it('says who removed it and when, and that this is no revocation', () => {
    const page = htmlView.removed({ fingerprint: FINGERPRINT, time: NOW * 1000, by: 'owner' });
    expect(page).toMatch(/Its owner removed or blocked it on\s+2024-01-01/u);
    expect(page).toContain('It is not a revocation');
  });
});
