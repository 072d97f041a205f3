/*
 * What a caller may do by owner, group and mode (path_resolution(7)), for a service that may read everything: it
 * must not read, or tell of, what whoever asks could not see. Access control lists that take away what the mode
 * gives are not seen from here.
 */
import type { BigIntStats } from 'node:fs';

/** Whose rights are asked for. */
export type Reader =
  /** The service's own: the system decides. */
  | { readonly kind: 'service' }
  | { readonly kind: 'user'; readonly uid: number; readonly groups: ReadonlySet<number> }
  /** What every user may. */
  | { readonly kind: 'anyone' };

const READ = 4n;
const SEARCH = 1n;

export function mayRead(reader: Reader, file: BigIntStats): boolean {
  return may(reader, file, READ);
}

/** Go on to what is in the folder. */
export function mayPass(reader: Reader, folder: BigIntStats): boolean {
  return may(reader, folder, SEARCH);
}

function may(reader: Reader, { uid, gid, mode }: BigIntStats, right: bigint): boolean {
  switch (reader.kind) {
    case 'service':
      return true;
    case 'anyone':
      // Somebody unknown may be of any class, and the first that fits decides.
      return [0n, 3n, 6n].every((shift) => ((mode >> shift) & right) !== 0n);
    case 'user': {
      if (reader.uid === 0) return true;
      const own = uid === BigInt(reader.uid);
      const shift = own ? 6n : reader.groups.has(Number(gid)) ? 3n : 0n;
      return ((mode >> shift) & right) !== 0n;
    }
  }
}
