/* Attacks with signatures: claimed, partial, weak, of strangers, too few. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  clearSigned,
  GROUP,
  messageWith,
  payloadOf,
  signatureObject,
  withSignature,
} from '../../fixtures/sif-image.ts';
import type { ObjectSpec } from '../../fixtures/sif-image.ts';
import { makeCertificate, TestKey } from '../../fixtures/test-key.ts';
import { AttackHost } from './attack-host.ts';
import type { Answer } from './attack-host.ts';
import type { PolicyParts } from './attack-policy.ts';
import { by, objects, signedObjects, stale } from './signed-image.ts';

const [alice, bob, mallory] = [makeCertificate(), makeCertificate(), makeCertificate()];
const signers = { alice: [alice.fingerprint], bob: [bob.fingerprint] };
const stranger = new TestKey();

let host: AttackHost;
beforeAll(async () => {
  host = await AttackHost.start();
  await host.addKeys(alice, bob, mallory);
});
afterAll(() => host.remove());

const judge = (all: readonly ObjectSpec[], policy: PolicyParts = {}): Promise<Answer> =>
  host.judge(all, { signers, ...policy });

const REFUSE = { effective: 'refuse', verdict: 'refuse' };
const ADMIT = { effective: 'admit' };

describe('claims and coverage', () => {
  it('AD6 CVE-2020-13845: a descriptor that names a trusted key does not make its signature', async () => {
    for (const claim of [by(mallory.key, alice.fingerprint), by(stranger, alice.fingerprint)]) {
      const answer = await judge([...objects, claim]);
      expect(answer).toMatchObject(REFUSE);
      expect(answer.images[0]?.signers.filter(({ counts }) => counts)).toEqual([]);
    }
    // And not the issuer that the signature itself names.
    const text = payloadOf(objects);
    const body = Buffer.from(alice.key.sign(0x01, Buffer.from(text), { broken: true }).raw);
    const garbage = signatureObject(messageWith(text, body), { fingerprint: alice.fingerprint });
    expect(await judge([...objects, garbage])).toMatchObject({
      ...REFUSE,
      codes: expect.arrayContaining(['SIG_INVALID']) as string[],
    });
  });

  it('AD7 CVE-2020-13846: an object that nobody signed refuses the image, wherever it is', async () => {
    const more = { type: 0x4006, data: Buffer.from('{}'), name: 'unsigned' };
    for (const group of [GROUP + 1, GROUP + 2, GROUP]) {
      const answer = await judge([...withSignature(alice.key), { ...more, group }]);
      expect(answer).toMatchObject(REFUSE);
      expect(answer.codes).toContain('UNSIGNED_OBJECT');
    }
    const part = clearSigned(alice.key, payloadOf(objects, { only: [1] }));
    expect(
      (await judge([...objects, signatureObject(part, { fingerprint: alice.fingerprint })])).codes,
    ).toContain('UNSIGNED_OBJECT');
  });

  it('AD8: an invalid signature beside a good one is ignored, or refuses, as the rule says', async () => {
    for (const all of [
      [by(alice.key), stale(bob.key)],
      [stale(bob.key), by(alice.key)],
      [by(alice.key), by(stranger)],
    ]) {
      expect(await judge([...objects, ...all])).toMatchObject(ADMIT);
      const strict = await judge([...objects, ...all], {
        rule: 'extra_signatures = "refuse"',
      });
      expect(strict).toMatchObject(REFUSE);
      expect(strict.codes).toContain('SIG_EXTRA_INVALID');
    }
  });

  it('AD9 CVE-2022-39237: weak digests count for nothing, in the signature or in what it says', async () => {
    const claim = { fingerprint: alice.fingerprint };
    const weak = [
      signatureObject(clearSigned(alice.key, payloadOf(objects, { digest: ['sha1', 'sha1'] })), claim),
      signatureObject(clearSigned(alice.key, payloadOf(objects, { digest: ['md5', 'md5'] })), claim),
      ...(
        [
          [1, 'md5', 'MD5'],
          [2, 'sha1', 'SHA1'],
          [3, 'ripemd160', 'RIPEMD160'],
        ] as const
      ).map(([id, name, said]) =>
        signatureObject(
          clearSigned(alice.key, payloadOf(objects), { hash: [id, name], headers: `Hash: ${said}\n` }),
          claim,
        ),
      ),
    ];
    const said: (string | undefined)[] = [];
    for (const signature of weak) {
      const answer = await judge([...objects, signature]);
      expect(answer).toMatchObject(REFUSE);
      said.push(answer.codes[0]);
    }
    // What is signed must name a known digest; a name of a weak one is none.
    const [invalid, weakHash] = ['SIG_INVALID', 'SIG_WEAK_HASH'];
    expect(said).toEqual([invalid, invalid, weakHash, weakHash, weakHash]);
    const strong = clearSigned(alice.key, payloadOf(objects), {
      hash: [10, 'sha512'],
      headers: 'Hash: SHA512\n',
    });
    expect(await judge([...objects, signatureObject(strong, claim)])).toMatchObject(ADMIT);
  });

  it('AD10: two keys of one signer are one signer', async () => {
    const require = '{ set = "everybody", threshold = 2 }';
    const twice = signedObjects(alice.key, mallory.key);
    const answer = await judge(twice, {
      signers: { alice: [alice.fingerprint, mallory.fingerprint], bob: [bob.fingerprint] },
      require,
    });
    expect(answer).toMatchObject({ ...REFUSE, codes: ['THRESHOLD_NOT_MET'] });
    expect(answer.images[0]?.threshold).toMatchObject({ need: 2, have: 1 });
    expect(await judge(signedObjects(alice.key, bob.key), { require })).toMatchObject(ADMIT);
  });
});
