/*
 * The machine-readable index (draft-shaw-openpgp-hkp-00 §5.2), in the narrow form that every client reads:
 * LF line ends, the info line first, all fields of a line there, whole fingerprints, decimal numbers.
 */
import type { CertificateState, UserIdState } from '../openpgp/state.ts';

/** `info:1:N`, and for each certificate a `pub` line followed by its `uid` lines. */
export function machineIndex(certificates: readonly CertificateState[]): string {
  const lines = [`info:1:${certificates.length}`];
  for (const certificate of certificates) {
    lines.push(keyLine(certificate), ...certificate.userIds.map(userIdLine));
  }
  return `${lines.join('\n')}\n`;
}

interface Validity {
  readonly revoked: boolean;
  readonly expired: boolean;
}

/** One letter only: Singularity compares the whole field, and shows `re` as enabled. */
function flag({ revoked, expired }: Validity): string {
  if (revoked) return 'r';
  return expired ? 'e' : '';
}

function keyLine(certificate: CertificateState): string {
  const { fingerprint, algorithm, created, expires } = certificate;
  return `pub:${fingerprint}:${algorithm.number}:${algorithm.bits}:${created}:${expires ?? ''}:${flag(certificate)}`;
}

function userIdLine(userId: UserIdState): string {
  return `uid:${escapeUserId(userId.bytes)}:${userId.created}:${userId.expires ?? ''}:${flag(userId)}`;
}

const RESERVED: ReadonlySet<number> = new Set(Buffer.from('%:+'));

/**
 * Escapes per octet what is not 7-bit safe, the separator, and `+`, which Singularity decodes as a space.
 * The rest stays readable: Singularity up to 3.9 does not decode at all.
 */
export function escapeUserId(octets: Uint8Array): string {
  let escaped = '';
  for (const octet of octets) {
    const plain = octet >= 0x20 && octet < 0x7f && !RESERVED.has(octet);
    escaped += plain ? String.fromCharCode(octet) : escapeOctet(octet);
  }
  // Singularity takes a field that is one of its line types for the beginning of a line.
  if (/^(?:info|pub|uid)$/i.test(escaped)) return escapeOctet(octets[0] ?? 0) + escaped.slice(1);
  return escaped;
}

function escapeOctet(octet: number): string {
  return `%${octet.toString(16).toUpperCase().padStart(2, '0')}`;
}
