import type { ChangeKind } from './keystore.ts';
import { NUMBER } from './row-layout.ts';
import type { RowWrite } from './rows.ts';

/** A line of the change log that is yet to be numbered and dated. */
export interface Logged {
  readonly kind: ChangeKind;
  readonly fingerprint: Buffer;
  /** SHA-256 of the certificate's new bytes; absent when there are none. */
  readonly digest?: Buffer;
}

/** A row as it was when something was computed from it. */
export interface Seen {
  readonly key: Buffer;
  /** The number that it begins with, and that every change of it changes; undefined: it was not there. */
  readonly version: Buffer | undefined;
}

/** What is to be written together. */
export interface Commit {
  /** What it was computed from: facts of a certificate, tombstones, documents. */
  readonly seen: readonly Seen[];
  /** Undefined for what the change log does not tell. */
  readonly logged: Logged | undefined;
  /** What it adds to the number of certificates. */
  readonly certificates: -1 | 0 | 1;
  /** Length of the larger part of its rows, so that a batch is not filled too much. */
  readonly octets: number;
  /** All rows but that of the log; `sequence` is the number of its line there. */
  rows(sequence: number): readonly RowWrite[];
}

/** `value` is that of the row, or its beginning. */
export function seenRow(key: Buffer, value: Buffer | undefined): Seen {
  return { key, version: value?.subarray(0, NUMBER) };
}
