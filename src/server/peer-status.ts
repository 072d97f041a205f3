import type { ServerConfig } from '../config/server-config.ts';
import { peerStatuses } from '../hkp/peers/peers.ts';
import type { Keystore } from '../keystore/keystore.ts';

/** How the exchange with a peer stands. Times are ISO 8601; null: never. */
export interface PeerState {
  readonly name: string;
  readonly url: string;
  readonly lastSuccess: string | null;
  /** Why the last run failed; null: it did not. */
  readonly problem: string | null;
  /** The last change that was looked at: of the peer's log, and of the own. */
  readonly pulledTo: number;
  readonly pushedTo: number;
  /** Certificates that are tried again. */
  readonly waiting: number;
  /** Fingerprints. */
  readonly removedThere: readonly string[];
  /** What was not taken here or there. Reasons may hold what others wrote. */
  readonly refusals: readonly PeerRefusal[];
}

export interface PeerRefusal {
  readonly fingerprint: string;
  readonly side: 'here' | 'there';
  readonly reason: string;
  readonly time: string;
}

export async function peerStates(keystore: Keystore, { peers }: ServerConfig): Promise<readonly PeerState[]> {
  const statuses = await peerStatuses(keystore, peers);
  return statuses.map(({ name, url, lastSuccess, problem, pulled, pushed, ...state }) => ({
    name,
    url,
    lastSuccess: lastSuccess === undefined ? null : new Date(lastSuccess).toISOString(),
    problem: problem ?? null,
    pulledTo: pulled.since,
    pushedTo: pushed.since,
    waiting: state.toFetch.length + state.toPush.length,
    removedThere: state.removedThere,
    refusals: state.refusals.map((one) => ({ ...one, time: new Date(one.time).toISOString() })),
  }));
}

/** For people. May hold what others wrote. */
export function peerLines(peer: PeerState): readonly string[] {
  const { name, lastSuccess, problem, waiting, removedThere, refusals } = peer;
  const parts = [lastSuccess === null ? 'no exchange yet' : `exchanged ${lastSuccess}`];
  if (problem !== null) parts.push(`FAILED: ${problem}`);
  if (waiting > 0) parts.push(`${waiting} to be tried again`);
  if (refusals.length > 0) parts.push(`${refusals.length} not taken lately`);
  return [
    `${'Peer:'.padEnd(14)}${name}, ${parts.join('; ')}`,
    ...removedThere.map((fingerprint) => `  removed there, held here: ${fingerprint}`),
  ];
}
