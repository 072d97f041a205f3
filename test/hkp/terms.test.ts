import { describe, expect, it } from 'vitest';

import { recordOf } from '../../src/hkp/terms.ts';
import { parseCertificate } from '../../src/openpgp/certificate.ts';
import { keyring, makeCertificate, TestKey } from '../fixtures/test-key.ts';
import { submitting } from './submitting.ts';

describe('what a certificate can be found by', () => {
  it('L3 includes its subkeys, L9 L10 its addresses and words, folded', async () => {
    const { subkey, fingerprint, bytes } = makeCertificate([
      'Jürgen GROẞ <J.Gross@Example.ORG>',
      'bare@example.net',
    ]);
    const { terms } = recordOf(parseCertificate(bytes));
    const of = (kind: string): string[] =>
      terms.filter((term) => term.kind === kind).map(({ value }) => value);
    expect(of('fingerprint')).toEqual([fingerprint, subkey.fingerprint]);
    expect(of('keyid')).toEqual([fingerprint.slice(-16), subkey.fingerprint.slice(-16)]);
    expect(of('short')).toEqual([fingerprint.slice(-8), subkey.fingerprint.slice(-8)]);
    expect(of('email')).toEqual(['j.gross@example.org', 'bare@example.net']);
    expect(of('word')).toEqual(
      expect.arrayContaining(['jürgen', 'gross', 'j', 'example', 'org', 'bare', 'net']),
    );
    expect(of('digest')[0]).toMatch(/^[0-9a-f]{32}$/);
  });

  it('does not include a subkey that is revoked without ever having been bound', async () => {
    const { push, keystore } = submitting();
    const [key, subkey] = [new TestKey(), new TestKey({ subkey: true })];
    await push(keyring(key.key.packet, key.direct(), subkey.key.packet, key.revokeSubkey(subkey)));
    const { fingerprints } = await keystore.find([{ kind: 'fingerprint', value: subkey.fingerprint }], {
      limit: 2,
    });
    expect(fingerprints).toEqual([]);
  });
});
