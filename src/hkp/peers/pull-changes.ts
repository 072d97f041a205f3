/* Takes over what a peer's change log names: each certificate that changed, and not those that are the same here. */
import { HkpClientError } from '../client/error.ts';
import type { ChangesAnswer, ListedChange } from '../client/changes-answer.ts';
import { MAX_REVOKERS } from '../client/limits.ts';
import { importCertificate } from './import-certificate.ts';
import type { Imported } from './import-certificate.ts';
import { MAX_CHANGES_PER_RUN, MAX_NAMED } from './limits.ts';
import { digestOf } from './peer-session.ts';
import type { PeerSession } from './peer-session.ts';
import { dueNow } from './waiting.ts';

/** Until there is no more, or the server stops. Throws `HkpClientError`; the state says how far it came. */
export async function pullChanges(session: PeerSession): Promise<void> {
  for (const fingerprint of dueNow(session.state.toFetch, session.parts.now())) {
    if (session.stopped) return;
    await fetchOne(session, fingerprint);
  }
  for (let looked = 0; looked < MAX_CHANGES_PER_RUN && !session.stopped;) {
    const page = await nextPage(session);
    for (const change of latestOf(page.changes)) {
      if (session.stopped) return;
      await follow(session, change);
      session.state = { ...session.state, pulled: { log: page.log, since: change.sequence } };
    }
    looked += page.changes.length;
    await session.save();
    if (!page.more) return;
  }
}

/** Begins anew when the peer's store was replaced: its sequences mean something else now. */
async function nextPage(session: PeerSession): Promise<ChangesAnswer> {
  const { log, since } = session.state.pulled;
  const page = await askFor(session, since);
  if (since === 0 || (page.log === log && page.sequence >= since)) return page;
  session.parts.log.warn('the change log of a peer is another one; all of it is read again', {
    peer: session.peer.name,
  });
  session.state = { ...session.state, pulled: { since: 0 }, toFetch: [], removedThere: [] };
  return askFor(session, 0);
}

async function askFor({ client, peer }: PeerSession, since: number): Promise<ChangesAnswer> {
  const page = await client.changes(since);
  if (page !== undefined) return page;
  throw new HkpClientError('REFUSED', `${peer.url} has no change log; it can be asked for a list only`);
}

/** Of several changes of one key the last says it all. Those left are in order, and end with the page's last. */
function latestOf(changes: readonly ListedChange[]): readonly ListedChange[] {
  const last = new Map(changes.map((change) => [change.fingerprint, change.sequence]));
  return changes.filter(({ fingerprint, sequence }) => last.get(fingerprint) === sequence);
}

async function follow(session: PeerSession, { fingerprint, removed, digest }: ListedChange): Promise<void> {
  const held = await session.parts.keystore.bytes(fingerprint);
  if (removed) {
    session.settle('toFetch', fingerprint);
    if (held !== undefined) report(session, fingerprint);
    return;
  }
  forget(session, fingerprint);
  if (held !== undefined && digest === digestOf(held)) {
    session.isThere(fingerprint, digest);
    session.settle('toFetch', fingerprint);
    return;
  }
  await fetchOne(session, fingerprint);
}

async function fetchOne(session: PeerSession, fingerprint: string): Promise<void> {
  let imported = await importOne(session, fingerprint);
  if (imported.settled && imported.awaited.length > 0) {
    // A peer that holds the revocation holds the key that made it, which its change log may name later.
    for (const revoker of imported.awaited.slice(0, MAX_REVOKERS)) await importOne(session, revoker);
    imported = await importOne(session, fingerprint);
  }
  if (imported.settled) session.settle('toFetch', fingerprint);
  else session.later('toFetch', fingerprint, imported.reason);
}

function importOne(session: PeerSession, fingerprint: string): Promise<Imported> {
  return importCertificate(session, fingerprint, ({ primary }) => primary.key.fingerprint === fingerprint);
}

/** What is removed there may be removed here too: that is for the operator to say. */
function report(session: PeerSession, fingerprint: string): void {
  forget(session, fingerprint);
  const removedThere = [...session.state.removedThere, fingerprint].slice(-MAX_NAMED);
  session.state = { ...session.state, removedThere };
  session.parts.log.warn('a peer removed a key that is held here', { peer: session.peer.name, fingerprint });
}

function forget(session: PeerSession, fingerprint: string): void {
  const removedThere = session.state.removedThere.filter((one) => one !== fingerprint);
  session.state = { ...session.state, removedThere };
}
