/* The exchange with other keystores: who is asked and told, and how far that has come. */
import type { Keystore } from '../../keystore/keystore.ts';
import { HkpClientError } from '../client/error.ts';
import { serverUrl } from '../client/server-url.ts';
import { FIRST_BACK_OFF, MAX_BACK_OFF } from './limits.ts';
import type { Peer, PeerParts, PeerRun } from './peer.ts';
import { PeerClient } from './peer-client.ts';
import { PeerSession } from './peer-session.ts';
import { readPeerState } from './peer-state.ts';
import type { PeerState } from './peer-state.ts';
import { pullChanges } from './pull-changes.ts';
import { pullList } from './pull-list.ts';
import { pushChanges } from './push-changes.ts';

/** A peer that can be exchanged with. */
export interface PeerExchange {
  readonly name: string;
  /**
   * One exchange: fetches, then pushes. Undefined when the peer failed lately and is left alone for a while. Throws
   * an `HkpClientError` when something went wrong with the peer as a whole; what was done until then is kept. Not
   * to be called again before it has ended.
   */
  readonly run: () => Promise<PeerRun | undefined>;
}

/** What is known of a peer, whether the server runs or not. */
export type PeerStatus = { readonly name: string } & PeerState;

/** Throws `BAD_URL`. */
export function createPeers(peers: readonly Peer[], parts: PeerParts): readonly PeerExchange[] {
  for (const { url } of peers) serverUrl(url);
  return peers.map((peer) => ({ name: peer.name, run: () => exchange(peer, parts) }));
}

/** How far the exchange has come with peers of these names and addresses. */
export async function peerStatuses(
  keystore: Keystore,
  peers: readonly Pick<Peer, 'name' | 'url'>[],
): Promise<readonly PeerStatus[]> {
  const statuses: PeerStatus[] = [];
  for (const { name, url } of peers) {
    const { state } = await readPeerState(keystore, name, url);
    statuses.push({ name, ...state });
  }
  return statuses;
}

async function exchange(peer: Peer, parts: PeerParts): Promise<PeerRun | undefined> {
  const { now, stopping, userAgent = 'vouch' } = parts;
  const token = await peer.token();
  const client = new PeerClient(peer.url, { token, userAgent, stopping });
  const session = await PeerSession.open(peer, parts, client);
  if (session.state.notBefore > now()) return undefined;
  const before = session.state.pulled.since + session.state.pushed.since;
  try {
    const problem = await bothWays(session);
    const moved = session.state.pulled.since + session.state.pushed.since !== before;
    session.state = { ...session.state, ...standing(session.state, { problem, moved, now: now() }) };
    if (problem !== undefined) throw problem;
    return session.run;
  } finally {
    await session.save();
  }
}

/** A peer that cannot be asked may still be told, unless it is not there at all. */
async function bothWays(session: PeerSession): Promise<HkpClientError | undefined> {
  const { pull, push } = session.peer;
  let problem: HkpClientError | undefined;
  if (pull === 'changes') problem = await attempt(session, pullChanges);
  if (pull === 'list') problem = await attempt(session, pullList);
  const silent = problem?.code === 'UNREACHABLE' || problem?.code === 'TIMEOUT';
  if (push && !silent && !session.stopped) problem = (await attempt(session, pushChanges)) ?? problem;
  return problem;
}

async function attempt(
  session: PeerSession,
  way: (session: PeerSession) => Promise<void>,
): Promise<HkpClientError | undefined> {
  try {
    await way(session);
    return undefined;
  } catch (error) {
    if (!(error instanceof HkpClientError)) throw error;
    // The server stops, and what was under way was cut short.
    return session.stopped ? undefined : error;
  }
}

/** When to come again: after one failed run with the next turn, then later and later. */
function standing(
  state: PeerState,
  { problem, moved, now }: { problem: HkpClientError | undefined; moved: boolean; now: number },
): Pick<PeerState, 'failures' | 'notBefore' | 'lastSuccess' | 'problem'> {
  if (problem === undefined) return { failures: 0, notBefore: 0, lastSuccess: now, problem: undefined };
  const failures = moved ? 1 : state.failures + 1;
  const backOff = failures < 2 ? 0 : Math.min(FIRST_BACK_OFF * 2 ** (failures - 2), MAX_BACK_OFF);
  return { failures, notBefore: now + backOff, lastSuccess: state.lastSuccess, problem: problem.message };
}
