/*
 * Digests as signatures name them: `sha256:` and lower-case hexadecimal (sif v2 pkg/integrity/digest.go).
 * MD5, SHA-1, SHA-3, BLAKE2 and RIPEMD-160 were accepted before CVE-2022-39237 and are not any more.
 */
import { createHash } from 'node:crypto';

export type DigestName = 'sha224' | 'sha256' | 'sha384' | 'sha512' | 'sha512_224' | 'sha512_256';

/** Names of node:crypto, and the octets of a digest. */
export const DIGESTS: Readonly<Record<DigestName, { readonly node: string; readonly octets: number }>> = {
  sha224: { node: 'sha224', octets: 28 },
  sha256: { node: 'sha256', octets: 32 },
  sha384: { node: 'sha384', octets: 48 },
  sha512: { node: 'sha512', octets: 64 },
  sha512_224: { node: 'sha512-224', octets: 28 },
  sha512_256: { node: 'sha512-256', octets: 32 },
};

export interface Digest {
  readonly name: DigestName;
  /** Lower-case hexadecimal. */
  readonly hex: string;
}

/** Undefined for an unknown algorithm, a wrong length and upper-case letters. */
export function parseDigest(text: string): Digest | undefined {
  const [name = '', hex = '', ...more] = text.split(':');
  if (more.length > 0 || !isDigestName(name)) return undefined;
  return hex.length === 2 * DIGESTS[name].octets && /^[0-9a-f]+$/.test(hex) ? { name, hex } : undefined;
}

export function formatDigest({ name, hex }: Digest): string {
  return `${name}:${hex}`;
}

export function digestOf(name: DigestName, octets: Uint8Array): Digest {
  return { name, hex: createHash(DIGESTS[name].node).update(octets).digest('hex') };
}

function isDigestName(name: string): name is DigestName {
  return Object.hasOwn(DIGESTS, name);
}
