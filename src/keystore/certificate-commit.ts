/* What each change of a certificate writes. */
import { hash } from 'node:crypto';

import { seenRow } from './commit.ts';
import type { Commit } from './commit.ts';
import type { Held, Place } from './held.ts';
import type { Tombstone } from './keystore.ts';
import { certificateKey, factsKey, INDEX_VALUE, indexKey, writeFacts } from './row-layout.ts';
import type { RowWrite } from './rows.ts';
import { splitTerms } from './term-octets.ts';
import { tombstoneKey, writeTombstone } from './tombstone-row.ts';

/** Stores `next`, in place of what is held if there is anything. */
export function storing(fingerprint: Buffer, { held, seen }: Place, next: Held): Commit {
  const { bytes } = next;
  const before = held === undefined ? [] : splitTerms(held.terms);
  const after = splitTerms(next.terms);
  const digest = hash('sha256', bytes, 'buffer');
  return {
    seen,
    logged: { kind: held === undefined ? 'inserted' : 'updated', fingerprint, digest },
    certificates: held === undefined ? 1 : 0,
    octets: bytes.length,
    rows: (sequence) => [
      {
        key: certificateKey(fingerprint),
        value: Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length),
      },
      { key: factsKey(fingerprint), value: writeFacts(sequence, next.terms) },
      ...without(before, after).map((term) => ({ key: indexKey(term, fingerprint) })),
      ...without(after, before).map((term) => ({ key: indexKey(term, fingerprint), value: INDEX_VALUE })),
    ],
  };
}

/** Puts a tombstone, in place of what is held; where there is one already, that is no change. */
export function removing(fingerprint: Buffer, place: Place, tombstone: Tombstone): Commit {
  const { held, seen } = place;
  const known = place.tombstone !== undefined;
  const rows: RowWrite[] = [{ key: tombstoneKey(fingerprint), value: writeTombstone(tombstone) }];
  if (held !== undefined) {
    rows.push({ key: certificateKey(fingerprint) }, { key: factsKey(fingerprint) });
    for (const term of splitTerms(held.terms)) rows.push({ key: indexKey(term, fingerprint) });
  }
  const logged = known && held === undefined ? undefined : ({ kind: 'removed', fingerprint } as const);
  return { seen, logged, certificates: held === undefined ? 0 : -1, octets: 0, rows: () => rows };
}

/** Takes away the tombstone whose row has this value. */
export function unblocking(fingerprint: Buffer, tombstone: Buffer): Commit {
  const key = tombstoneKey(fingerprint);
  return {
    seen: [seenRow(key, tombstone)],
    logged: { kind: 'unblocked', fingerprint },
    certificates: 0,
    octets: 0,
    rows: () => [{ key }],
  };
}

function without(terms: readonly Buffer[], others: readonly Buffer[]): readonly Buffer[] {
  if (others.length === 0) return terms;
  const left = new Set(others.map((term) => term.toString('latin1')));
  return terms.filter((term) => !left.has(term.toString('latin1')));
}
