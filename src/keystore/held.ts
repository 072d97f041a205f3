import { seenRow } from './commit.ts';
import type { Seen } from './commit.ts';
import { fingerprintText } from './fingerprint-octets.ts';
import type { CertificateRecord } from './keystore.ts';
import { certificateKey, corrupt, factsKey, readFacts } from './row-layout.ts';
import type { RowReader } from './rows.ts';
import { readTerms } from './term-octets.ts';
import { tombstoneKey } from './tombstone-row.ts';

/** A record as it is held: its terms as octets, so that comparing them is comparing bytes. */
export interface Held {
  readonly bytes: Uint8Array;
  readonly terms: Buffer;
}

/** What is under a fingerprint: a certificate, a tombstone, or nothing. */
export interface Place {
  readonly held: Held | undefined;
  /** The value of its row. */
  readonly tombstone: Buffer | undefined;
  /** That it is so. */
  readonly seen: readonly Seen[];
}

/**
 * As of one moment. `noTombstones`: it is known that there are none, and none is looked for. Throws `CORRUPT` where only
 * half of a certificate is there.
 */
export async function placeOf(
  rows: Pick<RowReader, 'getMany'>,
  fingerprint: Buffer,
  { noTombstones = false }: { readonly noTombstones?: boolean } = {},
): Promise<Place> {
  const [itsFacts, itsTombstone] = [factsKey(fingerprint), tombstoneKey(fingerprint)];
  const keys = [certificateKey(fingerprint), itsFacts];
  if (!noTombstones) keys.push(itsTombstone);
  const [bytes, facts, tombstone] = await rows.getMany(keys);
  const seen = [seenRow(itsFacts, facts), seenRow(itsTombstone, tombstone)];
  if (bytes === undefined && facts === undefined) return { held: undefined, tombstone, seen };
  if (bytes === undefined || facts === undefined) {
    throw corrupt(`Only half of the certificate ${fingerprintText(fingerprint)} is there.`);
  }
  return { held: heldOf(bytes, facts), tombstone, seen };
}

/** From the values of the two rows of a certificate. Throws `CORRUPT`. */
export function heldOf(bytes: Buffer, facts: Buffer): Held {
  return { bytes: plain(bytes), terms: readFacts(facts).terms };
}

export function recordOf(fingerprint: string, held: Held): CertificateRecord {
  return { fingerprint, bytes: held.bytes, terms: readTerms(held.terms) };
}

/** The same octets, without the methods a Buffer adds. */
export function plain(octets: Buffer): Uint8Array {
  return new Uint8Array(octets.buffer, octets.byteOffset, octets.length);
}
