/*
 * Certificates made and published by others (hkp.md 5.4, 6.3), pushed and looked at. They are not part of
 * this repository; without them this file says so and skips.
 */
import { existsSync, readFileSync } from 'node:fs';

import { describe, expect, it } from 'vitest';

import type { SubmissionReport } from '../../src/hkp/submission.ts';
import { dearmor } from '../../src/openpgp/armor.ts';
import { parseCertificate } from '../../src/openpgp/certificate.ts';
import { submitting } from './submitting.ts';

const FOLDER = new URL('../../../shared/testdata/openpgp/', import.meta.url);
const present = existsSync(FOLDER);
const NOW = 1_790_000_000;

const read = (name: string): Uint8Array => {
  const octets = readFileSync(new URL(name, FOLDER));
  return name.endsWith('.asc') ? Buffer.concat(dearmor(octets).map(({ data }) => data)) : octets;
};

function server() {
  const { keystore, push, state } = submitting({}, NOW);
  return {
    keystore,
    push: (name: string): Promise<SubmissionReport> => push(read(name)),
    bytes: async (fingerprint: string): Promise<Uint8Array> =>
      (await keystore.get(fingerprint))?.bytes ?? Buffer.alloc(0),
    state,
  };
}

const ALICE = 'EB85BB5FA33A75E15E944E63F231550C4F47E38E';
const BOB = 'D1A66E1A23B182C9980F788CFBFCC82A015E7330';
const TEST_KEY = '2D4B859915BF2213880748AE7C330458A06E162F';

describe.skipIf(!present)(
  `published certificates (${present ? 'found' : 'skipped: ../shared/testdata is absent'})`,
  () => {
    it.each([
      ['vectors/alice.pgp', ALICE],
      ['vectors/alice-revoked.pgp', ALICE],
      ['vectors/bob.pgp', BOB],
      ['vectors/bob-revoked.pgp', BOB],
      ['vectors/carol.pgp', '71FFDA004409E5DDB0C3E8F19BA789DC76D6849A'],
      ['vectors/david.pgp', '4199D9EAA6682A78D5A534F62BF76222A54E4DEBC785DBE6A6C5B34586026FE2'],
      ['vectors/ricarda.pgp', '2ADE0F8AA0596BC94E50D2AD916253AB652EF195'],
      ['odd/test-key.asc', TEST_KEY],
      ['odd/test-key-revoked.asc', TEST_KEY],
      ['twins/dda252ebb8ebe1af-1.asc', '9E669861368BCA0BE42DAF7DDDA252EBB8EBE1AF'],
      ['twins/dda252ebb8ebe1af-2.asc', 'A55120427374F3F7AA5F1166DDA252EBB8EBE1AF'],
    ])('%s goes in and comes out byte for byte', async (name, fingerprint) => {
      const { push, bytes } = server();
      expect((await push(name)).accepted).toEqual([
        { version: fingerprint.length === 40 ? 4 : 6, fingerprint, outcome: 'inserted', leftOut: [] },
      ]);
      expect(Buffer.from(await bytes(fingerprint)).equals(read(name))).toBe(true);
    });

    it.each([
      ['vectors/alice.pgp', 'vectors/alice-revoc.pgp', 'vectors/alice-revoked.pgp', ALICE],
      ['vectors/bob.pgp', 'vectors/bob-revoc.pgp', 'vectors/bob-revoked.pgp', BOB],
      ['odd/test-key.asc', 'odd/test-key-revoke.asc', 'odd/test-key-revoked.asc', TEST_KEY],
    ])('%s and the bare revocation %s are together %s', async (key, revocation, revoked, fingerprint) => {
      const { push, bytes, state } = server();
      await push(key);
      expect((await state(fingerprint)).revoked).toBe(false);
      expect((await push(revocation)).accepted).toMatchObject([{ fingerprint, outcome: 'updated' }]);
      expect(Buffer.from(await bytes(fingerprint)).equals(read(revoked))).toBe(true);
      expect((await state(fingerprint)).revoked).toBe(true);
      expect((await push(key)).accepted).toMatchObject([{ outcome: 'unchanged' }]);
    });

    it('emma (version 5) and john (version 3) are refused with a text', async () => {
      const { push, keystore } = server();
      for (const [name, version] of [
        ['vectors/emma.pgp', 5],
        ['vectors/john.pgp', 3],
      ] as const) {
        const { refused } = await push(name);
        expect(refused).toMatchObject([{ version, code: 'UNSUPPORTED_KEY' }]);
        expect(refused[0]?.reason).toContain(`version ${version}`);
      }
      expect((await keystore.status()).certificates).toBe(0);
    });

    it('all six elliptic-curve certificates of one armor are taken, brainpool and secp256k1 too', async () => {
      const { push } = server();
      const { accepted, refused } = await push('odd/ecc_keys.asc');
      expect(accepted).toHaveLength(6);
      expect(accepted.every(({ leftOut }) => leftOut.length === 0)).toBe(true);
      expect(refused).toEqual([]);
    });

    it('U43 version 3 signatures are dropped, and their version 4 certificate kept with all its user IDs', async () => {
      const { push, state } = server();
      const { accepted } = await push('odd/0ff16c87.asc');
      expect(accepted[0]?.leftOut).toContainEqual({ what: 'signature', why: 'version 3', count: 15 });
      expect((await state('11CD2359E03154A12C05B723B62609C40FF16C87')).userIds).toHaveLength(9);
    });

    it('U21 user IDs with a bad self-signature are dropped, the good ones stay', async () => {
      const { push, state } = server();
      const { accepted } = await push('odd/badselfsig.asc');
      expect(accepted[0]?.leftOut).toContainEqual({
        what: 'user ID',
        why: 'no valid self-signature',
        count: 3,
      });
      const { userIds, subkeys } = await state('81279EEE7EC89FB781702ADAF79362DA44A2D1DB');
      expect(userIds).toHaveLength(2);
      expect(subkeys).toHaveLength(3);
    });

    it('U35 orphan packets of an ARMORED FILE are dropped', async () => {
      const { push, state } = server();
      expect((await push('odd/martian.asc')).accepted).toMatchObject([{ outcome: 'inserted' }]);
      expect((await state('FA35B2FEF419635AFB6141323E47D895A3223F17')).userIds).toMatchObject([
        { text: 'martian' },
      ]);
    });

    // hkp.md U34 allows both only where both have signed back; these subkeys are of 2001 and never did.
    it('U34 one subkey bound to two primary keys without a back-signature belongs to neither', async () => {
      const { push, keystore } = server();
      await push('odd/subkey_collision-pubkey.asc');
      await push('odd/subkey_collision-subkey.asc');
      expect((await keystore.status()).certificates).toBe(2);
      for await (const { bytes } of keystore.records())
        expect(parseCertificate(bytes).subkeys).toHaveLength(0);
    });

    it('U47 two certificates with one 64-bit key ID are both kept and both found', async () => {
      const { push, keystore } = server();
      await push('twins/dda252ebb8ebe1af-1.asc');
      await push('twins/dda252ebb8ebe1af-2.asc');
      const { fingerprints } = await keystore.find([{ kind: 'keyid', value: 'DDA252EBB8EBE1AF' }], {
        limit: 5,
      });
      expect(fingerprints).toHaveLength(2);
    });
  },
);
