import type { Certificate } from '../../openpgp/certificate.ts';
import { certificateState } from '../../openpgp/state.ts';
import { printable } from '../printable.ts';
import type { Terminal } from '../terminal.ts';
import { isoTime } from './listing.ts';

/** Says when a key that was just dealt with is of no use any more. */
export function noteState(certificate: Certificate, terminal: Terminal): void {
  const { fingerprint, revocation, expired, expires } = certificateState(certificate, Date.now() / 1000);
  if (revocation !== undefined) {
    const why = revocation.text === '' ? '' : `: ${printable(revocation.text)}`;
    terminal.err(`WARNING: key ${fingerprint} was revoked on ${isoTime(revocation.at)}${why}\n`);
  } else if (expired) {
    terminal.err(`WARNING: key ${fingerprint} expired on ${isoTime(expires ?? 0)}\n`);
  }
}
