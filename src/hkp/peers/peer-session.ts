import { createHash } from 'node:crypto';
import { MAX_NAMED, MAX_SAID } from './limits.ts';
import type { Peer, PeerParts, PeerRun } from './peer.ts';
import type { PeerClient } from './peer-client.ts';
import { readPeerState, writePeerState } from './peer-state.ts';
import type { PeerState, Refusal } from './peer-state.ts';
import { settle, wait } from './waiting.ts';

type Count = Exclude<keyof PeerRun, 'waiting' | 'removedThere'>;
type WaitingList = 'toFetch' | 'toPush';

const NOTHING_DONE: Readonly<Record<Count, number>> = {
  fetched: 0,
  inserted: 0,
  updated: 0,
  refused: 0,
  pushed: 0,
  refusedThere: 0,
};

/** One run of the exchange with a peer: what it works with, how far it is, what it did. */
export class PeerSession {
  readonly peer: Peer;
  readonly parts: PeerParts;
  readonly client: PeerClient;
  state: PeerState;
  readonly #counts = { ...NOTHING_DONE };
  /** By fingerprint, the digest of what the peer is known to hold. */
  readonly #there = new Map<string, string>();
  #version: number;

  private constructor(
    peer: Peer,
    parts: PeerParts,
    client: PeerClient,
    held: { state: PeerState; version: number },
  ) {
    this.peer = peer;
    this.parts = parts;
    this.client = client;
    this.state = held.state;
    this.#version = held.version;
  }

  static async open(peer: Peer, parts: PeerParts, client: PeerClient): Promise<PeerSession> {
    return new PeerSession(peer, parts, client, await readPeerState(parts.keystore, peer.name, peer.url));
  }

  get stopped(): boolean {
    return this.parts.stopping.aborted;
  }

  get run(): PeerRun {
    const { toFetch, toPush, removedThere } = this.state;
    return { ...this.#counts, waiting: toFetch.length + toPush.length, removedThere: removedThere.length };
  }

  count(what: Count): void {
    this.#counts[what] += 1;
  }

  /** The peer holds these bytes, so they need not be sent there. */
  isThere(fingerprint: string, digest: string): void {
    this.#there.set(fingerprint, digest);
  }

  /** Whether it is known to hold them. */
  hasThere(fingerprint: string, digest: string): boolean {
    return this.#there.get(fingerprint) === digest;
  }

  /** A certificate is not taken, for good. */
  refuse(side: Refusal['side'], fingerprint: string, reason: string): void {
    const { log, now } = this.parts;
    this.count(side === 'here' ? 'refused' : 'refusedThere');
    const refusal = { fingerprint, side, reason: reason.slice(0, MAX_SAID), time: now() };
    const others = this.state.refusals.filter((one) => one.fingerprint !== fingerprint || one.side !== side);
    this.state = { ...this.state, refusals: [...others, refusal].slice(-MAX_NAMED) };
    log.warn('a certificate is not exchanged', {
      peer: this.peer.name,
      fingerprint,
      side,
      reason: refusal.reason,
    });
  }

  /** Tries again later, or gives up. Throws `BAD_ANSWER` when too many wait. */
  later(list: WaitingList, fingerprint: string, reason: string): void {
    const { waiting, givenUp } = wait(this.state[list], fingerprint, this.parts.now());
    this.state = { ...this.state, [list]: waiting };
    if (givenUp) this.refuse(list === 'toFetch' ? 'here' : 'there', fingerprint, reason);
  }

  settle(list: WaitingList, fingerprint: string): void {
    this.state = { ...this.state, [list]: settle(this.state[list], fingerprint) };
  }

  /** Writes how far it is. */
  async save(): Promise<void> {
    const { keystore } = this.parts;
    const held = { state: this.state, version: this.#version };
    if (await writePeerState(keystore, this.peer.name, held)) this.#version += 1;
    else this.parts.log.warn('the state of a peer was written by another', { peer: this.peer.name });
  }
}

/** As the change log has it: SHA-256, lower-case hexadecimal. */
export function digestOf(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}
