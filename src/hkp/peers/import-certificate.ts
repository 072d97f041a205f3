import type { Certificate } from '../../openpgp/certificate.ts';
import { OpenPgpError } from '../../openpgp/error.ts';
import type { Pusher } from '../push-permission.ts';
import type { SubmissionReport } from '../submission.ts';
import { digestOf } from './peer-session.ts';
import type { PeerSession } from './peer-session.ts';

/** Whether a checked certificate is one that was asked for: a peer does not decide what it sends. */
export type Wanted = (certificate: Certificate) => boolean;

/** What came of a fetch: whether there is an answer that counts, or why not. */
export type Imported =
  /** `awaited`: fingerprints of keys without which a revocation of the certificate was left out. */
  | { readonly settled: true; readonly awaited: readonly string[] }
  | { readonly settled: false; readonly reason: string };

const SETTLED: Imported = { settled: true, awaited: [] };

/** Fetches what a peer holds of a fingerprint, and hands it in as anybody's push is handed in. */
export async function importCertificate(
  session: PeerSession,
  fingerprint: string,
  isWanted: Wanted,
): Promise<Imported> {
  const fetched = await session.client.fetch(fingerprint);
  if (fetched.kind === 'absent') return SETTLED;
  if (fetched.kind === 'unusable') return { settled: false, reason: fetched.reason };
  session.count('fetched');
  const report = await handIn(session, fetched.bytes, isWanted);
  if (report instanceof OpenPgpError) {
    session.refuse('here', fingerprint, report.message);
    return SETTLED;
  }
  for (const one of report.accepted) {
    if (one.outcome !== 'unchanged') session.count(one.outcome);
    // What is held now is what came, byte for byte: it need not be sent back.
    const held = await session.parts.keystore.bytes(one.fingerprint);
    if (held !== undefined && Buffer.compare(held, fetched.bytes) === 0) {
      session.isThere(one.fingerprint, digestOf(held));
    }
  }
  for (const one of report.refused) session.refuse('here', one.fingerprint ?? fingerprint, one.reason);
  return { settled: true, awaited: report.accepted.flatMap(({ awaited = [] }) => awaited) };
}

async function handIn(
  { parts, peer }: PeerSession,
  bytes: Uint8Array,
  isWanted: Wanted,
): Promise<SubmissionReport | OpenPgpError> {
  const pusher: Pusher = {
    name: `peer ${peer.name}`,
    permits: (certificate) =>
      Promise.resolve(isWanted(certificate) ? { kind: 'all' } : { kind: 'none', reason: NOT_ASKED_FOR }),
  };
  try {
    return await parts.submit(bytes, { noModification: false, pusher });
  } catch (error) {
    if (error instanceof OpenPgpError) return error;
    throw error;
  }
}

const NOT_ASKED_FOR = 'the peer sent it, and it was not asked for';
