/*
 * Sends what changed here to a peer. What is to be sent is the own change log from where the last run came to: a
 * queue that is durable, takes no room of its own, and loses nothing. A peer to which nothing is new changes
 * nothing, and so has nothing to send back: that ends every loop.
 */
import type { Change } from '../../keystore/keystore.ts';
import { parseCertificate, serializeCertificate } from '../../openpgp/certificate.ts';
import { mayBeIssuedBy } from '../../openpgp/signature.ts';
import { MAX_REVOKERS } from '../client/limits.ts';
import { findCertificates } from '../find-keys.ts';
import { CHANGES_PER_PAGE, MAX_CHANGES_PER_RUN } from './limits.ts';
import { digestOf } from './peer-session.ts';
import type { PeerSession } from './peer-session.ts';
import { dueNow } from './waiting.ts';

/** Until there is no more, or the server stops. Throws `HkpClientError`; the state says how far it came. */
export async function pushChanges(session: PeerSession): Promise<void> {
  for (const fingerprint of dueNow(session.state.toPush, session.parts.now())) {
    if (session.stopped) return;
    await pushOne(session, fingerprint);
  }
  await noticeReplacedStore(session);
  for (let looked = 0; looked < MAX_CHANGES_PER_RUN;) {
    const changes = await changesAfter(session, session.state.pushed.since);
    const last = new Map(changes.map(({ fingerprint, sequence }) => [fingerprint, sequence]));
    for (const { fingerprint, sequence } of changes) {
      if (session.stopped) return;
      if (last.get(fingerprint) === sequence) {
        // It is not the certificate any more that was not taken.
        session.settle('toPush', fingerprint);
        await pushOne(session, fingerprint);
      }
      session.state = { ...session.state, pushed: { since: sequence } };
    }
    looked += changes.length;
    if (changes.length > 0) await session.save();
    if (changes.length < CHANGES_PER_PAGE) return;
  }
}

async function pushOne(session: PeerSession, fingerprint: string): Promise<void> {
  const bytes = await session.parts.keystore.bytes(fingerprint);
  // Removed since: there is no way to say so, and each operator decides for himself.
  if (bytes === undefined || session.hasThere(fingerprint, digestOf(bytes))) {
    session.settle('toPush', fingerprint);
    return;
  }
  const refusal = await session.client.push(await withRevokers(session, bytes));
  if (refusal === undefined) {
    session.count('pushed');
    session.settle('toPush', fingerprint);
  } else session.later('toPush', fingerprint, refusal);
}

/**
 * With the keys of those who revoked it on behalf of its owner: the peer takes no revocation that it cannot verify, and
 * the change log may name their keys later.
 */
async function withRevokers({ parts }: PeerSession, bytes: Uint8Array): Promise<Uint8Array> {
  const { primary } = parseCertificate(bytes);
  const made = primary.signatures.filter((one) => !mayBeIssuedBy(one, primary.key));
  if (made.length === 0) return bytes;
  const revokers = await findCertificates(
    parts.keystore,
    made.flatMap(({ issuers }) => issuers),
  );
  return Buffer.concat([bytes, ...revokers.slice(0, MAX_REVOKERS).map(serializeCertificate)]);
}

/** A store that an older backup became has fewer changes than were sent: all of it is offered again. */
async function noticeReplacedStore(session: PeerSession): Promise<void> {
  const { sequence } = await session.parts.keystore.status();
  if (session.state.pushed.since > sequence) session.state = { ...session.state, pushed: { since: 0 } };
}

async function changesAfter({ parts }: PeerSession, since: number): Promise<readonly Change[]> {
  const changes: Change[] = [];
  for await (const change of parts.keystore.changes(since)) {
    changes.push(change);
    if (changes.length >= CHANGES_PER_PAGE) break;
  }
  return changes;
}
