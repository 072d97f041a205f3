import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { addressesOn, mailAddress } from '../../src/mail/mail-address.ts';
import { makeCertificate, userId } from '../fixtures/test-key.ts';
import { keyring } from '../fixtures/test-key.ts';
import { stateOf } from '../openpgp/checked.ts';

describe('mailAddress', () => {
  it.each([
    ['alice@example.org', 'alice@example.org'],
    ['Alice.B+sif@Example.ORG', 'alice.b+sif@example.org'],
    ["o'neil_1/x=y@sub.example.co.uk", "o'neil_1/x=y@sub.example.co.uk"],
    ['a@xn--bcher-kva.example', 'a@xn--bcher-kva.example'],
  ])('takes %s', (text, address) => {
    expect(mailAddress(text)).toBe(address);
  });

  it.each([
    '',
    '@',
    'alice',
    'alice@',
    '@example.org',
    'alice@example',
    'alice@example.',
    'alice@.org',
    'alice@example..org',
    'alice@-example.org',
    'alice@192.0.2.1',
    '.alice@example.org',
    'alice.@example.org',
    'al..ice@example.org',
    'alice@example.org ',
    'alice@example.org\n',
    'alice@bob@example.org',
    'alice,bob@example.org',
    'alice;bob@example.org',
    'alice(x)@example.org',
    '<alice@example.org>',
    '"alice"@example.org',
    'alice\\@example.org',
    'bücher@example.org',
    'alice@bücher.example',
    `${'a'.repeat(65)}@example.org`,
    `a@${'b.'.repeat(130)}org`,
  ])('does not take %j', (text) => {
    expect(mailAddress(text)).toBeUndefined();
  });

  it('gives nothing with which a header or a command of SMTP could end, whatever it is given', () => {
    const near = fc.stringMatching(/^[a-zA-Z0-9.@<>,;:"\\ \r\n%+-]{1,40}$/);
    fc.assert(
      fc.property(fc.oneof(fc.string({ unit: 'binary' }), near, fc.emailAddress()), (text) => {
        const address = mailAddress(text);
        if (address === undefined) return;
        expect(address).toBe(text.toLowerCase());
        expect(address).toMatch(/^[!-~]+$/);
        expect(address).not.toMatch(/[\s<>,;:"()[\]\\]/);
        expect(address.split('@')).toHaveLength(2);
      }),
      { numRuns: 2000 },
    );
  });
});

describe('addressesOn', () => {
  it('leaves revoked user IDs out, names each address once, and counts what cannot be mailed', async () => {
    const { key, packets } = makeCertificate([
      'A <a@example.org>',
      'A again <A@Example.org>',
      'x@y <z@example.org>',
    ]);
    const old = userId('Old <old@example.org>');
    const state = await stateOf(
      keyring(...packets.slice(0, -2), old, key.certify(old), key.revokeUserId(old)),
    );
    expect(addressesOn(state)).toEqual({ addresses: ['a@example.org'], others: 1 });
  });
});
