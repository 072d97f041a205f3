import { describe, expect, it } from 'vitest';
import { askForMail, mails, prove } from '../../src/pages/prove.ts';

const FINGERPRINT = 'A'.repeat(40);
const question = { address: 'alice@example.org', fingerprints: [FINGERPRINT], token: 'f'.repeat(64) };

describe('the pages about proofs', () => {
  it('ask about one key with one button, about several with a choice', () => {
    const one = prove(question);
    expect(one).toContain('This key is mine');
    expect(one).not.toContain('checkbox');
    const several = prove({ ...question, fingerprints: [FINGERPRINT, 'B'.repeat(40)] });
    expect(several.match(/type="checkbox"/g)).toHaveLength(2);
    expect(several).toContain('<fieldset>');
    expect(several).not.toMatch(/<input[^>]* checked/);
  });

  it('send what they ask by POST only, so that nothing follows from opening them', () => {
    const choice = { of: '0'.repeat(32), key: '1'.repeat(32), stopped: false };
    for (const page of [askForMail(), prove(question), mails(choice), mails({ ...choice, stopped: true })]) {
      for (const [form] of page.matchAll(/<form[^>]*>/g)) expect(form).toContain('method="post"');
      expect(page.match(/<form/g)).toHaveLength(1);
    }
  });

  it('escape an address', () => {
    const page = prove({ ...question, address: '"><script>@example.org' });
    expect(page).not.toContain('"><script>@');
  });

  it('stay below 50 KB', () => {
    const fingerprints = Array.from({ length: 8 }, (_, index) => String(index).repeat(64));
    expect(Buffer.byteLength(prove({ ...question, fingerprints }))).toBeLessThan(50_000);
  });
});
