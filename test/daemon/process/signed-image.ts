/* Images of two objects that test keys signed as Go does. */
import {
  buildImage,
  clearSigned,
  payloadOf,
  signatureObject,
  twoObjects,
  withSignature,
} from '../../fixtures/sif-image.ts';
import type { ObjectSpec } from '../../fixtures/sif-image.ts';
import type { SignOptions, TestKey } from '../../fixtures/test-key.ts';

/** What is signed. */
export const objects: readonly ObjectSpec[] = twoObjects();

/** A signature of the two objects by a key, whose descriptor names it or another one. */
export function by(key: TestKey, claim: string = key.fingerprint, options: SignOptions = {}): ObjectSpec {
  return signatureObject(clearSigned(key, payloadOf(objects), options), { fingerprint: claim });
}

/** A signature that says something else of the content. */
export function stale(key: TestKey): ObjectSpec {
  const text = payloadOf(objects).replace(/objectDigest":"sha256:../, 'objectDigest":"sha256:00');
  return signatureObject(clearSigned(key, text), { fingerprint: key.fingerprint });
}

/** The octets of an image that each of these keys signed as a whole. */
export function signedImage(...keys: readonly TestKey[]): Buffer {
  return buildImage(signedObjects(...keys));
}

export function signedObjects(...keys: readonly TestKey[]): ObjectSpec[] {
  const [first, ...others] = keys;
  if (first === undefined) throw new Error('name a key');
  const signatures = others.flatMap((key) => withSignature(key).slice(2));
  return [...withSignature(first), ...signatures];
}
