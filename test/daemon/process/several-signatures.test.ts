/* Images with several signatures, with none that counts, and with old ones. */
import { generateKeyPairSync } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { writeEnvelope } from '../../../src/integrity/dsse.ts';
import { checkedKey } from '../../../src/integrity/signing-key.ts';
import { clearSigned, GROUP, payloadOf, signatureObject, withSignature } from '../../fixtures/sif-image.ts';
import type { ObjectSpec } from '../../fixtures/sif-image.ts';
import { makeCertificate, TestKey } from '../../fixtures/test-key.ts';
import { AttackHost } from './attack-host.ts';
import type { Answer } from './attack-host.ts';
import type { PolicyParts } from './attack-policy.ts';
import { by, objects, signedObjects, stale } from './signed-image.ts';

const CORPUS = new URL('../../../../shared/testdata/sif/sylabs-sif/', import.meta.url);
const HAVE_CORPUS = existsSync(CORPUS);

const [alice, bob, mallory] = [makeCertificate(), makeCertificate(), makeCertificate()];
const signers = { alice: [alice.fingerprint], bob: [bob.fingerprint] };
const stranger = new TestKey();

let host: AttackHost;
beforeAll(async () => {
  host = await AttackHost.start();
  await host.addKeys(alice, bob);
});
afterAll(() => host.remove());

const judge = (all: readonly ObjectSpec[], policy: PolicyParts = {}): Promise<Answer> =>
  host.judge(all, { signers, ...policy });

const bothGroups = [...objects, { type: 0x4006, data: Buffer.from('{}'), group: GROUP + 2 }];

function ofGroup(key: TestKey, group: number): ObjectSpec {
  const message = clearSigned(key, payloadOf(bothGroups, { group: GROUP + group }));
  return signatureObject(message, { fingerprint: key.fingerprint, group });
}

const ADMIT = { effective: 'admit' };
const REFUSE = { effective: 'refuse', verdict: 'refuse' };
const REFUSE_EXTRA: PolicyParts = { rule: 'extra_signatures = "refuse"' };

describe('several signatures', () => {
  it('S7.6 two good signatures admit', async () => {
    expect(await judge(signedObjects(alice.key, bob.key))).toMatchObject({ ...ADMIT, codes: [] });
  });

  it('S7.6 a good signature beside one by nobody known: admitted by default, refused as SingularityCE on demand, both told', async () => {
    const all = [...objects, by(alice.key), by(stranger)];
    const answer = await judge(all);
    expect(answer).toMatchObject({ ...ADMIT, codes: ['SIGNER_UNKNOWN'] });
    expect(await judge(all, REFUSE_EXTRA)).toMatchObject(REFUSE);
  });

  it('S7.6 a good signature beside one of changed content and a broken one: those never count', async () => {
    const all = [...objects, by(alice.key), stale(bob.key), by(bob.key, bob.fingerprint, { broken: true })];
    const answer = await judge(all, { require: '{ set = "everybody", threshold = 2 }' });
    expect(answer).toMatchObject(REFUSE);
    expect(answer.images[0]?.threshold).toMatchObject({ have: 1 });
    expect(await judge(all)).toMatchObject(ADMIT);
  });

  it('S7.6 the order of a bad and a good signature does not matter', async () => {
    const orders = [
      [stale(bob.key), by(alice.key)],
      [by(alice.key), stale(bob.key)],
    ];
    const answers = [];
    for (const order of orders) answers.push(await judge([...objects, ...order]));
    expect(answers.map(({ effective, codes }) => [effective, codes])).toEqual([
      ['admit', answers[0]?.codes],
      ['admit', answers[0]?.codes],
    ]);
  });

  it('S7.6 only signatures by nobody known: nothing is verified, nothing is admitted', async () => {
    for (const signatures of [[by(stranger)], [by(stranger), by(stranger)]]) {
      const { codes, images } = await judge([...objects, ...signatures]);
      expect(codes).toEqual([...signatures.map(() => 'SIGNER_UNKNOWN'), 'THRESHOLD_NOT_MET']);
      expect(images[0]?.signers).toEqual([]);
    }
  });

  it('S7.6 the same signature twice is one signer', async () => {
    const all = [...objects, by(alice.key), by(alice.key)];
    expect(await judge(all)).toMatchObject(ADMIT);
    const answer = await judge(all, { require: '{ set = "everybody", threshold = 2 }' });
    expect(answer).toMatchObject(REFUSE);
    expect(answer.images[0]?.threshold).toMatchObject({ have: 1 });
  });

  it('S7.6 group 1 by one and group 2 by another is everything by nobody; both by one admits', async () => {
    const mixed = await judge([...bothGroups, ofGroup(alice.key, 1), ofGroup(bob.key, 2)]);
    expect(mixed).toMatchObject({ ...REFUSE, codes: ['THRESHOLD_NOT_MET'] });
    expect(await judge([...bothGroups, ofGroup(alice.key, 1), ofGroup(alice.key, 2)])).toMatchObject(ADMIT);
  });

  it('S7.6 two groups, group 2 unsigned', async () => {
    const answer = await judge([...bothGroups, ofGroup(alice.key, 1)]);
    expect(answer).toMatchObject(REFUSE);
    expect(answer.codes).toContain('UNSIGNED_OBJECT');
  });

  const dsse = generateKeyPairSync('ed25519');
  const envelope = (): string =>
    writeEnvelope(Buffer.from(payloadOf(objects)), [checkedKey(dsse.privateKey)], 'sha256');

  it('S7.6 a DSSE signature beside an OpenPGP one is a signature by nobody known', async () => {
    const all = [...objects, by(alice.key), signatureObject(Buffer.from(envelope()))];
    expect(await judge(all)).toMatchObject({ ...ADMIT, codes: ['SIGNER_UNKNOWN'] });
    expect(await judge(all, REFUSE_EXTRA)).toMatchObject(REFUSE);
  });

  it.each([
    ['as it is', (json: Envelope) => json],
    ['without signatures', (json: Envelope) => ({ ...json, signatures: [] })],
    ['of another payload type', (json: Envelope) => ({ ...json, payloadType: 'text/plain' })],
    [
      'with the fingerprint of a trusted key for its key ID',
      (json: Envelope) => ({
        ...json,
        signatures: json.signatures.map((one) => ({ ...one, keyid: alice.fingerprint })),
      }),
    ],
    [
      'with signatures twice',
      (json: Envelope) => ({ ...json, signatures: [...json.signatures, ...json.signatures] }),
    ],
    [
      'in URL-safe base64',
      (json: Envelope) => ({ ...json, payload: Buffer.from(json.payload, 'base64').toString('base64url') }),
    ],
  ])('S7.6 a DSSE envelope alone admits nothing: %s', async (_, change) => {
    const data = Buffer.from(JSON.stringify(change(JSON.parse(envelope()) as Envelope)));
    const answer = await judge([...objects, signatureObject(data, { fingerprint: alice.fingerprint })]);
    expect(answer).toMatchObject(REFUSE);
    expect(answer.images[0]?.signers).toEqual([]);
  });

  it('S7.6 groups of signatures only, which have no object of their own', async () => {
    const inGroup2 = { ...by(alice.key), group: GROUP + 2 };
    expect(await judge([...withSignature(alice.key), inGroup2])).toMatchObject(REFUSE);
    expect(await judge([{ ...by(alice.key), group: GROUP + 1 }])).toMatchObject(REFUSE);
  });

  it('S7.6 an image without groups and an empty image are refused', async () => {
    expect((await judge([])).codes[0]).toBe('UNSIGNED');
    const none = await judge(objects.map((object) => ({ ...object, group: GROUP })));
    expect(none).toMatchObject(REFUSE);
    expect(await judge([signatureObject(Buffer.from('x'), { link: 0 })])).toMatchObject(REFUSE);
  });

  it('S7.6 a denied signer refuses whether verified or only claimed, and beats everything that admits', async () => {
    const deny = (fingerprint: string): PolicyParts => ({
      more: `[[deny]]\nfingerprint = "${fingerprint}"\nreason = "left"\n`,
    });
    expect((await judge(signedObjects(alice.key, bob.key), deny(bob.fingerprint))).codes).toContain(
      'DENIED_FINGERPRINT',
    );
    const claimed = [...objects, by(alice.key), by(stranger, mallory.fingerprint)];
    expect((await judge(claimed, deny(mallory.fingerprint))).codes).toContain('DENIED_FINGERPRINT');
    expect(await judge(claimed)).toMatchObject(ADMIT);
  });

  const legacy = (): ObjectSpec =>
    signatureObject(clearSigned(alice.key, `SIFHASH:\n${'0'.repeat(96)}`), {
      fingerprint: alice.fingerprint,
      hashType: 2,
    });

  it('S7.6 an image with legacy signatures only is refused, also one by a trusted key', async () => {
    expect((await judge([...objects, legacy()])).codes).toEqual(['UNSIGNED', 'THRESHOLD_NOT_MET']);
  });

  it.skipIf(!HAVE_CORPUS)(
    'S7.6 a legacy image of the real tools is refused (needs the test images)',
    async () => {
      await host.use({ signers: { sylabs: ['12045C8C0B1004D058DE4BEDA20C27EE7FF7BA84'] } });
      const answer = await host.admit(
        await host.image(readFileSync(new URL('one-group-signed-legacy.sif', CORPUS))),
      );
      expect(answer.codes[0]).toBe('UNSIGNED');
    },
  );

  it('S7.6 of a legacy and a modern signature only the modern one is seen', async () => {
    expect(await judge([...objects, legacy(), by(alice.key)])).toMatchObject(ADMIT);
    expect(await judge([...objects, legacy(), by(stranger)])).toMatchObject(REFUSE);
  });

  it('S7.6 CVE-2020-13847: what a legacy signature leaves open never admits', async () => {
    const [first, partition] = objects;
    if (first === undefined || partition === undefined) throw new Error('there are two');
    const changed = { ...partition, extra: Buffer.from(partition.extra ?? []) };
    changed.extra.writeInt32LE(4, 4);
    for (const other of [changed, { ...partition, name: 'other' }, { ...partition, type: 0x4005 }]) {
      expect(await judge([first, other, legacy()])).toMatchObject(REFUSE);
      expect(await judge([first, other, by(alice.key)])).toMatchObject(REFUSE);
    }
  });
});

interface Envelope {
  payloadType: string;
  payload: string;
  signatures: { keyid?: string; sig: string }[];
}
