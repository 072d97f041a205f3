import { createPublicKey, generateKeyPairSync } from 'node:crypto';

import { beforeAll, expect, test } from 'vitest';

import { PAYLOAD_TYPE, writeEnvelope } from '../../src/integrity/dsse.ts';
import { publicKeyVerifier } from '../../src/integrity/envelope-verifier.ts';
import { MAX_SIGNATURES_PER_GROUP } from '../../src/integrity/limits.ts';
import { checkedKey } from '../../src/integrity/signing-key.ts';
import type { SigningKey } from '../../src/integrity/signing-key.ts';
import type { VerifyOptions } from '../../src/integrity/verify-image.ts';
import {
  buildImage,
  clearSigned,
  GROUP,
  payloadOf,
  signatureObject,
  twoObjects,
} from '../fixtures/sif-image.ts';
import type { ObjectSpec } from '../fixtures/sif-image.ts';
import { TestKey } from '../fixtures/test-key.ts';
import { certificateOf, keySource, outcomes, verify } from './verified.ts';

const [alice, bob, unknown] = [new TestKey(), new TestKey(), new TestKey()];
let options: Partial<VerifyOptions>;
beforeAll(async () => {
  options = { keys: keySource(await certificateOf(alice), await certificateOf(bob)) };
});

const objects = twoObjects();
const by = (key: TestKey, payload = payloadOf(objects)): ObjectSpec =>
  signatureObject(clearSigned(key, payload), { fingerprint: key.fingerprint });
const look = (...signatures: ObjectSpec[]) => verify(buildImage([...objects, ...signatures]), options);

test('7.6 two good signatures', async () => {
  const report = await look(by(alice), by(bob));
  expect(report.verified).toBe(true);
  expect(outcomes(report)).toEqual([['valid 1,2', 'valid 1,2']]);
});

test('7.6 a good and an unknown one are reported each on its own; the image is refused', async () => {
  const report = await look(by(alice), by(unknown));
  expect(report.verified).toBe(false);
  expect(report.tasks[0]?.verdict).toBe('refused');
  expect(outcomes(report)).toEqual([['valid 1,2', 'unknown-signer']]);
});

test('7.6 a bad one is refused whatever the order', async () => {
  const stale = by(bob, payloadOf(objects).replace(/objectDigest":"sha256:../, 'objectDigest":"sha256:00'));
  expect(outcomes(await look(stale, by(alice)))).toEqual([['CONTENT_CHANGED 1', 'valid 1,2']]);
  expect(outcomes(await look(by(alice), stale))).toEqual([['valid 1,2', 'CONTENT_CHANGED 1']]);
  expect((await look(by(alice), stale)).verified).toBe(false);
});

test('7.6 only unknown signers: nothing is verified', async () => {
  const report = await look(by(unknown));
  expect(report).toMatchObject({ verified: false, tasks: [{ verdict: 'refused' }] });
});

test('7.6 one signature twice names one signer', async () => {
  const report = await look(by(alice), by(alice));
  const fingerprints = report.tasks.flatMap(({ signatures }) =>
    signatures.flatMap((one) =>
      one.outcome === 'valid' && one.signer.kind === 'pgp' ? one.signer.fingerprint : [],
    ),
  );
  expect(report.verified).toBe(true);
  expect(new Set(fingerprints)).toEqual(new Set([alice.fingerprint]));
});

test('7.6 two groups by two signers, and one of them unsigned', async () => {
  const two = [...objects, { type: 0x4006, data: Buffer.from('{}'), group: GROUP + 2 }];
  const sign = (key: TestKey, group: number): ObjectSpec =>
    signatureObject(clearSigned(key, payloadOf(two, { group: GROUP + group })), {
      fingerprint: key.fingerprint,
      group,
    });
  const both = await verify(buildImage([...two, sign(alice, 1), sign(bob, 2)]), options);
  expect(both.verified).toBe(true);
  expect(outcomes(both)).toEqual([['valid 1,2'], ['valid 3']]);
  const one = await verify(buildImage([...two, sign(alice, 1)]), options);
  expect(one.tasks.map(({ verdict }) => verdict)).toEqual(['verified', 'unsigned']);
  expect(one.verified).toBe(false);
});

test('7.6 images without objects, and without groups', async () => {
  expect(await verify(buildImage([]), options)).toMatchObject({
    verified: false,
    faults: [{ code: 'NO_OBJECTS' }],
  });
  const stray = signatureObject(Buffer.from('x'), { link: 0 });
  expect((await verify(buildImage([stray]), options)).faults).toEqual([{ code: 'NO_GROUPS' }]);
});

test('signatures beyond the limit of a group are refused without being read', async () => {
  const good = by(alice);
  const many = Array.from({ length: MAX_SIGNATURES_PER_GROUP + 2 }, () => good);
  const report = await look(...many);
  expect(report.verified).toBe(false);
  expect(outcomes(report)[0]).toEqual([
    ...many.slice(2).map(() => 'valid 1,2'),
    ...many.slice(-2).map(() => 'TOO_MANY'),
  ]);
});

const pair = (): { secret: SigningKey; pem: Buffer } => {
  const { privateKey } = generateKeyPairSync('ed25519');
  const pem = createPublicKey(privateKey).export({ type: 'spki', format: 'pem' });
  return { secret: checkedKey(privateKey), pem: Buffer.from(pem) };
};
const [one, two] = [pair(), pair()];
const payload = Buffer.from(payloadOf(objects));

interface Json {
  payloadType: string;
  payload: string;
  signatures: { keyid?: string; sig: string }[];
}

/** What becomes of an envelope by both keys after a change, verified with the first key. */
async function envelope(change: (envelope: Json) => unknown = () => undefined): Promise<string | undefined> {
  const json = JSON.parse(writeEnvelope(payload, [one.secret, two.secret], 'sha256')) as Json;
  const text = change(json) ?? json;
  const data = Buffer.from(typeof text === 'string' ? text : JSON.stringify(text));
  const verifiers = [publicKeyVerifier(one.pem)];
  const report = await verify(buildImage([...objects, signatureObject(data)]), { verifiers });
  return outcomes(report)[0]?.[0];
}

test('7.6 an OpenPGP and a DSSE signature of one group', async () => {
  const data = Buffer.from(writeEnvelope(payload, [one.secret], 'sha256'));
  const image = buildImage([...objects, by(alice), signatureObject(data)]);
  expect(outcomes(await verify(image, options))).toEqual([['valid 1,2', 'unknown-signer']]);
  const verifiers = [publicKeyVerifier(one.pem)];
  expect((await verify(image, { ...options, verifiers })).verified).toBe(true);
  expect(outcomes(await verify(image, { verifiers }))).toEqual([['unknown-signer', 'valid 1,2']]);
});

test('7.6 DSSE: one good signature of several is enough', async () => {
  expect(await envelope()).toBe('valid 1,2');
  expect(await envelope((json) => ({ ...json, signatures: json.signatures.toReversed() }))).toBe('valid 1,2');
  expect(await envelope((json) => void (json.signatures[1] = { sig: 'AAAA' }))).toBe('valid 1,2');
  expect(await envelope((json) => void json.signatures.push({ ...json.signatures[0], sig: 'AAAA' }))).toBe(
    'valid 1,2',
  );
});

test('7.6 DSSE: a key ID may be missing; one of another key is passed over', async () => {
  expect(await envelope((json) => json.signatures.forEach((each) => delete each.keyid))).toBe('valid 1,2');
  expect(await envelope((json) => json.signatures.forEach((each) => (each.keyid = 'SHA256:other')))).toBe(
    'unknown-signer',
  );
  expect(await envelope((json) => void json.signatures.shift())).toBe('unknown-signer');
});

test('7.6 DSSE: both alphabets and line ends of base64', async () => {
  const url = (text: string): string => text.replaceAll('+', '-').replaceAll('/', '_');
  expect(
    await envelope((json) => ({
      ...json,
      payload: url(json.payload),
      signatures: json.signatures.map((each) => ({ ...each, sig: url(each.sig) })),
    })),
  ).toBe('valid 1,2');
  expect(await envelope((json) => void (json.payload = json.payload.replace(/(.{76})/g, '$1\n')))).toBe(
    'valid 1,2',
  );
});

test('7.6 DSSE: other payload types, no signatures, a changed payload, text behind the envelope', async () => {
  expect(await envelope((json) => void (json.payloadType = 'text/plain'))).toBe('BAD_FORMAT');
  expect(await envelope((json) => void (json.signatures = []))).toBe('BAD_FORMAT');
  expect(await envelope((json) => void (json.signatures = Array(100).fill(json.signatures[0])))).toBe(
    'BAD_FORMAT',
  );
  expect(await envelope((json) => void (json.payload = Buffer.from('{}').toString('base64')))).toBe(
    'BAD_SIGNATURE',
  );
  expect(await envelope((json) => void (json.payload = '*'))).toBe('BAD_FORMAT');
  expect(await envelope((json) => `${JSON.stringify(json)} trailing`)).toBe('BAD_FORMAT');
  expect(await envelope((json) => `${JSON.stringify(json)}{}`)).toBe('BAD_FORMAT');
  expect(await envelope(() => '{"signatures":null}')).toBe('BAD_FORMAT');
  expect(PAYLOAD_TYPE).toBe('application/vnd.sylabs.sif-metadata+json');
});

test('7.6 DSSE: a payload with white space is accepted, one that is signed and is no metadata is not', async () => {
  const text = JSON.stringify(JSON.parse(payload.toString()), undefined, 1);
  const spaced = writeEnvelope(Buffer.from(text), [one.secret], 'sha256');
  expect(await envelope(() => spaced)).toBe('valid 1,2');
  expect(await envelope(() => writeEnvelope(Buffer.from('{}'), [one.secret], 'sha256'))).toBe('BAD_METADATA');
  const badText = Buffer.concat([payload, Buffer.of(0xff)]);
  expect(await envelope(() => writeEnvelope(badText, [one.secret], 'sha256'))).toBe('BAD_METADATA');
});

test('7.6 DSSE: RSA and ECDSA hash as the descriptor says', async () => {
  for (const { privateKey, publicKey } of [
    generateKeyPairSync('rsa', { modulusLength: 2048 }),
    generateKeyPairSync('ec', { namedCurve: 'P-256' }),
  ]) {
    const data = Buffer.from(writeEnvelope(payload, [checkedKey(privateKey)], 'sha384'));
    const verifiers = [publicKeyVerifier(Buffer.from(publicKey.export({ type: 'spki', format: 'pem' })))];
    const of = async (hashType: number) =>
      outcomes(await verify(buildImage([...objects, signatureObject(data, { hashType })]), { verifiers }));
    expect(await of(2)).toEqual([['valid 1,2']]);
    expect(await of(1)).toEqual([['BAD_SIGNATURE']]);
  }
});
