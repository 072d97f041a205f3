import { createHash } from 'node:crypto';

import { describe, expect, it } from 'vitest';

import { fingerprintOf, hashedKey, keyIdOf } from '../../src/openpgp/fingerprint.ts';
import { PUBLIC_KEY, PUBLIC_SUBKEY, splitPackets } from '../../src/openpgp/packet.ts';
import { HAVE_VECTORS, vector } from './vectors.ts';

describe('hashedKey', () => {
  it.each([
    { version: 4, prefix: [0x99, 0, 3] },
    { version: 5, prefix: [0x9a, 0, 0, 0, 3] },
    { version: 6, prefix: [0x9b, 0, 0, 0, 3] },
  ])('puts the octet and the length of version $version before the body', ({ version, prefix }) => {
    expect([...hashedKey(version, Uint8Array.of(version, 7, 8))]).toEqual([...prefix, version, 7, 8]);
  });
});

describe('fingerprintOf', () => {
  it('hashes version 4 with SHA-1, versions 5 and 6 with SHA-256', () => {
    const body = Buffer.from('not even a key');
    const expected = (hash: string, version: number): string =>
      createHash(hash).update(hashedKey(version, body)).digest('hex').toUpperCase();
    expect(fingerprintOf(4, body)).toBe(expected('sha1', 4));
    expect(fingerprintOf(5, body)).toBe(expected('sha256', 5));
    expect(fingerprintOf(6, body)).toBe(expected('sha256', 6));
  });

  // The sample version 6 certificate of RFC 9580, appendix A.3: its primary key and its subkey.
  it.each([
    {
      body: '0663877fe31b00000020f94da7bb48d60a61e567706a6587d0331999bb9d891a08242ead84543df895a3',
      fingerprint: 'CB186C4F0609A697E4D52DFA6C722B0C1F1E27C18A56708F6525EC27BAD9ACC9',
    },
    {
      body: '0663877fe319000000208693248367f9e5015db922f8f48095dda784987f2d5985b12fbad16caf5e4435',
      fingerprint: '12C83F1E706F6308FE151A417743A1F033790E93E9978488D1DB378DA9930885',
    },
  ])('gives the fingerprint of RFC 9580: $fingerprint', ({ body, fingerprint }) => {
    expect(fingerprintOf(6, Buffer.from(body, 'hex'))).toBe(fingerprint);
  });

  it.skipIf(!HAVE_VECTORS).each([
    ['alice', PUBLIC_KEY, 'EB85BB5FA33A75E15E944E63F231550C4F47E38E'],
    ['alice', PUBLIC_SUBKEY, 'EA02B24FFD4C1B96616D3DF24766F6B9D5F21EB6'],
    ['bob', PUBLIC_KEY, 'D1A66E1A23B182C9980F788CFBFCC82A015E7330'],
    ['bob', PUBLIC_SUBKEY, '1DDCE15F09217CEE2F3B37607C2FAA4DF93C37B2'],
    ['carol', PUBLIC_KEY, '71FFDA004409E5DDB0C3E8F19BA789DC76D6849A'],
    ['carol', PUBLIC_SUBKEY, '89E0684E8289E51C7151EB86DDB04C941BAB4AAC'],
    ['david', PUBLIC_KEY, '4199D9EAA6682A78D5A534F62BF76222A54E4DEBC785DBE6A6C5B34586026FE2'],
  ])(
    'gives the fingerprint of %s, packet type %i (skipped without ../shared/testdata)',
    (name, type, fingerprint) => {
      const found = splitPackets(vector(`vectors/${name}.pgp`)).filter(({ tag }) => tag === type);
      expect(found.map(({ body }) => fingerprintOf(body[0] ?? 0, body))).toEqual([fingerprint]);
    },
  );
});

describe('keyIdOf', () => {
  it('takes the last digits of a version 4 fingerprint and the first of later ones', () => {
    expect(keyIdOf('EB85BB5FA33A75E15E944E63F231550C4F47E38E')).toBe('F231550C4F47E38E');
    expect(keyIdOf('4199D9EAA6682A78D5A534F62BF76222A54E4DEBC785DBE6A6C5B34586026FE2')).toBe(
      '4199D9EAA6682A78',
    );
  });
});
