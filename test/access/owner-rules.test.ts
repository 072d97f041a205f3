import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fitsRules } from '../../src/access/owner-rules.ts';
import type { OwnerRules } from '../../src/access/token.ts';
import { parseCertificate } from '../../src/openpgp/certificate.ts';
import { makeCertificate } from '../fixtures/test-key.ts';

const fits = (userIds: readonly string[], rules: Partial<OwnerRules>): boolean =>
  fitsRules(parseCertificate(makeCertificate(userIds).bytes), {
    fingerprints: [],
    emails: [],
    domains: [],
    ...rules,
  });

const domain = { domains: ['example.org'] };

describe('a certificate fits the rules of a token', () => {
  it('when its primary key is listed, whatever its user IDs say; not when only a subkey is', () => {
    const made = makeCertificate(['Anyone <anyone@anywhere.example>']);
    const certificate = parseCertificate(made.bytes);
    const none = { emails: [], domains: [] };
    expect(fitsRules(certificate, { ...none, fingerprints: [made.fingerprint] })).toBe(true);
    const subkey = certificate.subkeys[0]?.key.fingerprint ?? '';
    expect(fitsRules(certificate, { ...none, fingerprints: [subkey] })).toBe(false);
  });

  it.each([
    ['Alice <alice@example.org>'],
    ['ALICE <Alice@EXAMPLE.Org>'],
    ['alice@example.org'],
    ['Alice (work) <alice@example.org>'],
  ])('by its address: %s', (text) => {
    expect(fits([text], { emails: ['alice@example.org'] })).toBe(true);
    expect(fits([text], domain)).toBe(true);
  });

  it('with a user ID that has no address beside one that fits', () => {
    expect(fits(['Alice <alice@example.org>', 'Build host 3'], domain)).toBe(true);
  });
});

describe('A12: a certificate does not fit', () => {
  it.each<[string, string[]]>([
    ['another address', ['Bob <bob@example.net>']],
    ['one address that fits and one that does not', ['A <a@example.org>', 'B <b@example.net>']],
    ['a subdomain', ['A <a@sub.example.org>']],
    ['a domain that ends like it', ['A <a@notexample.org>']],
    ['a domain that begins like it', ['A <a@example.org.example.net>']],
    ['no address at all', ['Build host 3']],
    ['no user ID', []],
    ['two addresses in brackets', ['A <a@example.org> <b@example.net>']],
    ['an address in the name before one that fits', ['boss@example.net <a@example.org>']],
    ['an address in quotes', ['"b@example.net" <a@example.org>']],
    ['a domain in the part before the @', ['A <a@example.org@example.net>']],
    ['a full-width @ beside one that fits', ['boss\uff20example.net <a@example.org>']],
    ['an unfinished address', ['A <a@example.org']],
  ])('with %s', (_, userIds) => {
    expect(fits(userIds, domain)).toBe(false);
  });

  it('when another address of the domain is listed', () => {
    expect(fits(['Bob <bob@example.org>'], { emails: ['alice@example.org'] })).toBe(false);
  });

  it('with any text that does not hold the domain', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 40 }), (text) => {
        fc.pre(!text.normalize('NFKC').toLowerCase().includes('example.org'));
        expect(fits([text], domain)).toBe(false);
      }),
      { numRuns: 50 },
    );
  });
});
