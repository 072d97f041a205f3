/* How far the exchange with a peer has come: one document a peer, written by its runs alone. */
import type { Keystore } from '../../keystore/keystore.ts';
import type { Waiting } from './waiting.ts';

const KIND = 'peer';

/** Raise it when the meaning of the document changes: the exchange then begins anew, which does no harm. */
const FORMAT = 1;

/** A certificate that was not taken, here or there. */
export interface Refusal {
  readonly fingerprint: string;
  readonly side: 'here' | 'there';
  readonly reason: string;
  /** Milliseconds since 1970. */
  readonly time: number;
}

export interface PeerState {
  readonly format: typeof FORMAT;
  /** Another one: it is another peer, and what is written here is not about it. */
  readonly url: string;
  /** The peer's log, and its last change that was looked at. */
  readonly pulled: { readonly log?: string | undefined; readonly since: number };
  /** The last change of the own log that was looked at: what is to be pushed is the rest of that log. */
  readonly pushed: { readonly since: number };
  readonly toFetch: readonly Waiting[];
  readonly toPush: readonly Waiting[];
  /** Held here, removed there: fingerprints, the latest last. */
  readonly removedThere: readonly string[];
  /** The latest last. */
  readonly refusals: readonly Refusal[];
  /** Runs in a row that failed. */
  readonly failures: number;
  /** Milliseconds since 1970; no run before. */
  readonly notBefore: number;
  /** When a run last went well, in milliseconds since 1970. */
  readonly lastSuccess?: number | undefined;
  /** Why the last run failed; undefined: it did not. */
  readonly problem?: string | undefined;
}

export interface HeldState {
  readonly state: PeerState;
  /** Of the document; 0: there is none. */
  readonly version: number;
}

/** The state of a peer, or that of one that was never asked. */
export async function readPeerState(keystore: Keystore, name: string, url: string): Promise<HeldState> {
  const held = await keystore.document(KIND, name);
  const state = isState(held?.value) && held.value.url === url ? held.value : beginning(url);
  return { state, version: held?.version ?? 0 };
}

/** Answers whether it was written: another version means that somebody else wrote it. */
export function writePeerState(
  keystore: Keystore,
  name: string,
  { state, version }: HeldState,
): Promise<boolean> {
  return keystore.putDocument(KIND, name, state, version);
}

function beginning(url: string): PeerState {
  return {
    format: FORMAT,
    url,
    pulled: { since: 0 },
    pushed: { since: 0 },
    toFetch: [],
    toPush: [],
    removedThere: [],
    refusals: [],
    failures: 0,
    notBefore: 0,
  };
}

/** Nobody but `writePeerState` makes these documents: the format tells all. */
function isState(value: unknown): value is PeerState {
  return typeof value === 'object' && value !== null && 'format' in value && value.format === FORMAT;
}
