/*
 * A second verifier, on OpenSSL, some eight times faster than openpgp.js, which makes a key anew for every signature
 * and hashes twice. It judges the common algorithms in their plain forms and hands everything else over; so does it
 * with every "no" that is not certain, because a revocation must not be lost to a fault of this file.
 * `test/openpgp/native-verify.test.ts` holds it against openpgp.js.
 */
import { verify } from 'node:crypto';
import type { KeyObject } from 'node:crypto';

import { digest } from './hash-algorithm.ts';
import { nativeKey } from './native-key.ts';
import type { NativeKey } from './native-key.ts';
import { nativeSignature } from './native-signature.ts';
import { isPlain } from './plain-signature.ts';
import type { PublicKey } from './public-key.ts';
import type { Signature } from './signature.ts';
import { hashInput } from './subject.ts';

/**
 * Hash algorithms of RSA and ECDSA signatures: those that openpgp.js hands to OpenSSL as well (SHA-1, SHA-256,
 * SHA-384, SHA-512). For the others it has code of its own.
 */
const SHARED_HASHES: Readonly<Record<number, string>> = { 2: 'sha1', 8: 'sha256', 9: 'sha384', 10: 'sha512' };

/** Octets of the digest that EdDSA asks for at least (RFC 9580 §5.2.3.3, §5.2.3.4, §5.2.3.5). */
const LEAST_DIGEST = { ed25519: 32, ed448: 64 } as const;

/**
 * Whether `key` made `signature` over `subject`; undefined: not for this verifier to say. `ask` says where the work is
 * done.
 */
export async function verifyNatively(
  signature: Signature,
  key: PublicKey,
  subject: Uint8Array,
  ask: Ask = askPool,
): Promise<boolean | undefined> {
  // RFC 9580 §5.2.3: a version 6 key makes version 6 signatures, an earlier one earlier ones.
  if ((signature.version === 6) !== (key.version === 6)) return false;
  // §5.2.3: the algorithm is that of the key; not even 1 and 3, which are both RSA, stand for each other.
  if (signature.algorithm !== key.algorithm.number || !isPlain(signature)) return undefined;
  const native = nativeKey(key);
  const proper = native && nativeSignature(signature, native);
  if (native === undefined || proper === undefined) return undefined;
  const input = hashInput(signature, subject);
  const hashed = digest(signature.hash, input);
  if (hashed === undefined) return undefined;
  // §5.2.3: the left 16 bits of the digest. Where they differ something else was signed.
  if (hashed[0] !== signature.tail[0] || hashed[1] !== signature.tail[1]) return false;
  return (await isGood(signature.hash, { input, hashed, proper, ask }, native)) ? true : undefined;
}

interface Claim {
  readonly input: Uint8Array;
  readonly hashed: Uint8Array;
  readonly proper: Uint8Array;
  readonly ask: Ask;
}

async function isGood(hash: number, claim: Claim, key: NativeKey): Promise<boolean> {
  const { input, hashed, proper, ask } = claim;
  if (key.kind === 'eddsa') {
    // The digest is the message (RFC 9580 §5.2.4).
    return hashed.length >= LEAST_DIGEST[key.curve] && ask(null, hashed, { key: key.object }, proper);
  }
  const name = SHARED_HASHES[hash];
  if (name === undefined) return false;
  return key.kind === 'rsa'
    ? ask(name, input, { key: key.object }, proper)
    : ask(name, input, { key: key.object, dsaEncoding: 'ieee-p1363' }, proper);
}

/** A question to OpenSSL; false also when it cannot say. */
export type Ask = (
  hash: string | null,
  data: Uint8Array,
  key: { readonly key: KeyObject; readonly dsaEncoding?: 'ieee-p1363' },
  proper: Uint8Array,
) => boolean | Promise<boolean>;

/** In the runtime's pool of threads: whoever else is waiting is answered meanwhile. */
const askPool: Ask = (hash, data, key, proper) =>
  new Promise((resolve) => {
    verify(hash, data, key, proper, (error, good) => resolve(error === null && good));
  });

/** At once, for a thread that has nothing else to do. */
export const askHere: Ask = (hash, data, key, proper) => {
  try {
    return verify(hash, data, key, proper);
  } catch {
    return false;
  }
};
