/**
 * Page tokens name the last fingerprint of the page before, so a page is found again whatever was written
 * in between. A digest of the terms comes first: a token of another search is refused, not misread.
 */
import { createHash } from 'node:crypto';

import { KeystoreError } from './error.ts';

/** Enough to tell searches apart by accident; a token grants nothing, so forging one gains nothing. */
const DIGEST_OCTETS = 12;
const TOKEN_OCTETS: ReadonlySet<number> = new Set([DIGEST_OCTETS + 20, DIGEST_OCTETS + 32]);

/** `terms` as from `termSet`; `last` the octets of a fingerprint. */
export function writePageToken(terms: readonly Buffer[], last: Buffer): string {
  return Buffer.concat([searchDigest(terms), last]).toString('base64url');
}

/** The octets of the fingerprint in a token. Throws `BAD_PAGE_TOKEN`. */
export function readPageToken(terms: readonly Buffer[], token: string): Buffer {
  const octets = Buffer.from(token, 'base64url');
  // Node skips what is not base64url; only the one spelling that was handed out is taken back.
  const ours = TOKEN_OCTETS.has(octets.length) && octets.toString('base64url') === token;
  if (!ours || !octets.subarray(0, DIGEST_OCTETS).equals(searchDigest(terms))) {
    throw new KeystoreError(
      'BAD_PAGE_TOKEN',
      'This page token does not belong to this search. Start again from the first page.',
    );
  }
  return octets.subarray(DIGEST_OCTETS);
}

function searchDigest(terms: readonly Buffer[]): Buffer {
  const hash = createHash('sha256');
  for (const term of terms) hash.update(term);
  return hash.digest().subarray(0, DIGEST_OCTETS);
}
