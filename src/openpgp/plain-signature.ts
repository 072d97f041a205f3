/*
 * Whether openpgp.js reads a signature packet at all: it reads every hashed subpacket, also those that nobody
 * asked for, and one that it cannot read makes the whole signature unreadable.
 */
import { OpenPgpError } from './error.ts';
import { SIGNATURE } from './packet.ts';
import { isWholeTail } from './signature-material.ts';
import { readSignature } from './signature.ts';
import type { Signature } from './signature.ts';
import { EMBEDDED_SIGNATURE, ISSUER } from './subpacket.ts';
import type { Subpacket } from './subpacket.ts';

/**
 * Types whose content is read without a look at whether it makes sense. Not among them: the target of a signature
 * (31), which names a hash algorithm, and types that RFC 9580 §5.2.3.7 does not know.
 */
const READ_BLINDLY: ReadonlySet<number> = new Set([
  2, 3, 4, 5, 6, 7, 9, 11, 12, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 33, 34, 35, 37, 39,
]);

/** False where it is not certain. The unhashed area does not count: openpgp.js is given none. */
export function isPlain({ version, hashed }: Signature): boolean {
  return hashed.every((one) => isPlainSubpacket(one, version) || isPlainEmbedded(one));
}

function isPlainSubpacket({ type }: Subpacket, version: number): boolean {
  // §5.2.3.12: version 6 has no key IDs.
  return READ_BLINDLY.has(type) || (type === ISSUER && version === 4);
}

/** A back-signature: both of its areas are read, and what is embedded in it would be too. */
function isPlainEmbedded({ type, body }: Subpacket): boolean {
  const signature = type === EMBEDDED_SIGNATURE ? tryRead(body) : undefined;
  if (signature === undefined) return false;
  const { version, algorithm, hashed, unhashed, tail } = signature;
  return (
    [...hashed, ...unhashed].every((one) => isPlainSubpacket(one, version)) &&
    isWholeTail(version, algorithm, tail)
  );
}

function tryRead(body: Uint8Array): Signature | undefined {
  try {
    return readSignature({ tag: SIGNATURE, body, raw: body });
  } catch (error) {
    if (error instanceof OpenPgpError) return undefined;
    throw error;
  }
}
