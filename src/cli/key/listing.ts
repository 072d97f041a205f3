/* One key as people read it, in the shape of `singularity key list` (internal/pkg/sypgp/sypgp.go). */
import type { CertificateState, UserIdState } from '../../openpgp/state.ts';
import { printable } from '../printable.ts';

const NAMES = 19;

/** The lines of one key and an empty one. `number` is what an export asks for. */
export function keyListing(number: number, state: CertificateState): string {
  const rows: (readonly [string, string])[] = [
    ...state.userIds.map((userId): [string, string] => ['User:', userLine(userId)]),
    ['Creation time:', goTime(state.created)],
    ['Fingerprint:', state.fingerprint],
    ['Length (in bits):', String(state.algorithm.bits)],
  ];
  // Singularity does not say it; a line at the end does not disturb who reads the others.
  const status = statusWord(state);
  if (status !== 'enabled') rows.push(['Status:', status]);
  const width = `${number})`.length + 2;
  const lines = rows.map(([name, value], i) => {
    const begin = i === 0 ? `${number})` : '';
    return `${begin.padEnd(width)}${name.padEnd(NAMES)}${value}\n`;
  });
  return `${lines.join('')}\n`;
}

/** `Name (Comment) <Email>`, the brackets also where they are empty, as Go's tools write it. */
function userLine({ text }: UserIdState): string {
  const [, name, comment = '', email] = /^([^(<]*?)\s*(?:\(([^)]*)\))?\s*<([^>]*)>$/.exec(text) ?? [];
  return printable(name === undefined || email === undefined ? text : `${name} (${comment}) <${email}>`);
}

function statusWord({ revoked, expired }: CertificateState): 'revoked' | 'expired' | 'enabled' {
  if (revoked) return 'revoked';
  return expired ? 'expired' : 'enabled';
}

/** `2018-11-01 16:05:17 +0000 UTC`, as Go prints a time. */
export function goTime(seconds: number): string {
  return `${isoTime(seconds).slice(0, 19).replace('T', ' ')} +0000 UTC`;
}

/** ISO 8601. */
export function isoTime(seconds: number): string {
  // Beyond the last day that a Date can name, nothing that is said of a date is right.
  return new Date(Math.min(seconds * 1000, 8.64e15)).toISOString().replace('.000Z', 'Z');
}

/** The same for programs. */
export function keyRecord(state: CertificateState): Record<string, unknown> {
  const { fingerprint, keyId, algorithm, created, expires, userIds, subkeys } = state;
  return {
    fingerprint,
    keyId,
    userIds: userIds.map(({ text, revoked, expired }) => ({ text, revoked, expired })),
    algorithm: algorithm.name,
    bits: algorithm.bits,
    created: isoTime(created),
    expires: expires === undefined ? null : isoTime(expires),
    status: statusWord(state),
    subkeys: subkeys.map((subkey) => subkey.fingerprint),
  };
}
