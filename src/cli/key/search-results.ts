/* Search results in the shape of `singularity key search`, short and long (internal/pkg/sypgp/sypgp.go). */
import type { IndexEntry } from '../../hkp/client/index-answer.ts';
import { printable } from '../printable.ts';
import { goTime, isoTime } from './listing.ts';

export function shortResults(entries: readonly IndexEntry[]): string {
  const rows = entries.map((entry) => [entry.id.slice(-8), numeral(entry.bits)]);
  return results(['KEY ID', 'BITS'], rows, entries);
}

export function longResults(entries: readonly IndexEntry[]): string {
  const heads = ['FINGERPRINT', 'ALGORITHM', 'BITS', 'CREATION DATE', 'EXPIRATION DATE', 'STATUS'];
  const rows = entries.map((entry) => [
    entry.id,
    algorithmName(entry.algorithm),
    numeral(entry.bits),
    time(entry.created),
    time(entry.expires),
    `[${status(entry)}]`,
  ]);
  return results(heads, rows, entries);
}

/** Columns as wide as they must be, user IDs last: one a line under the first, an empty line between keys. */
function results(
  heads: readonly string[],
  rows: readonly string[][],
  entries: readonly IndexEntry[],
): string {
  const widths = heads.map((head, i) => Math.max(head.length, ...rows.map((row) => (row[i] ?? '').length)));
  const line = (cells: readonly string[], last: string): string =>
    `${widths.map((width, i) => (cells[i] ?? '').padEnd(width)).join('  ')}  ${last}`.trimEnd();
  const blocks = rows.map((row, i) => {
    const [first = '', ...others] = (entries[i]?.userIds ?? []).map(printable);
    return [line(row, first), ...others.map((userId) => line([], userId))].join('\n');
  });
  return `Showing ${entries.length} results\n\n${line(heads, 'NAME/EMAIL')}\n${blocks.join('\n\n')}\n\n`;
}

function numeral(value: number | undefined): string {
  return value === undefined ? '' : String(value);
}

function time(seconds: number | undefined): string {
  return seconds === undefined || seconds === 0 ? '[ultimate]' : goTime(seconds);
}

function status({ revoked, disabled, expired }: IndexEntry): string {
  if (revoked) return 'revoked';
  if (disabled) return 'disabled';
  return expired ? 'expired' : 'enabled';
}

/** Singularity's words, and the newer algorithms, which it calls unknown. */
const ALGORITHMS: ReadonlyMap<number, string> = new Map([
  [1, 'RSA'],
  [2, 'RSA'],
  [3, 'RSA'],
  [16, 'Elgamal'],
  [17, 'DSA'],
  [18, 'Elliptic Curve'],
  [19, 'ECDSA'],
  [20, 'Reserved'],
  [21, 'Diffie-Hellman'],
  [22, 'EdDSA'],
  [27, 'Ed25519'],
  [28, 'Ed448'],
]);

function algorithmName(number: number | undefined): string {
  return ALGORITHMS.get(number ?? 0) ?? 'unknown';
}

export function resultRecord(entry: IndexEntry): Record<string, unknown> {
  return {
    id: entry.id,
    algorithm: entry.algorithm ?? null,
    bits: entry.bits ?? null,
    created: entry.created === undefined ? null : isoTime(entry.created),
    expires: entry.expires === undefined ? null : isoTime(entry.expires),
    status: status(entry),
    userIds: entry.userIds,
  };
}
