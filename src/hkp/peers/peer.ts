/* Another keystore that this one exchanges certificates with. It is a carrier, and not trusted. */
import type { Keystore } from '../../keystore/keystore.ts';
import type { Log } from '../../log.ts';
import type { Submit } from '../submission.ts';

export interface Peer {
  /** Of its document and its job. */
  readonly name: string;
  /** http, https, hkp or hkps. */
  readonly url: string;
  /**
   * `changes`: all that its change log names, which a Vouch keystore has. `list`: the fingerprints and searches
   * below, which any key server answers. Undefined: nothing is fetched.
   */
  readonly pull: 'changes' | 'list' | undefined;
  /** Of primary keys or subkeys: 40 or 64 upper-case hexadecimal digits. */
  readonly fingerprints: readonly string[];
  /** E-mail addresses. */
  readonly searches: readonly string[];
  /** What changes here is sent there. */
  readonly push: boolean;
  /** Sent with each request; read for each run, so that the file may change. Undefined: none. */
  readonly token: () => Promise<string | undefined>;
}

export interface PeerParts {
  readonly keystore: Keystore;
  /** With the operator's limits and blocks: the only way by which a peer's certificates get in. */
  readonly submit: Submit;
  readonly log: Log;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  /** When the server stops: a run ends after the certificate under way, and goes on with the next run. */
  readonly stopping: AbortSignal;
  /** What this server calls itself; `vouch` with its version. */
  readonly userAgent?: string;
}

/** What a run did, in numbers of certificates. */
export interface PeerRun {
  readonly fetched: number;
  readonly inserted: number;
  readonly updated: number;
  /** Not taken here: the operator does not want it, or it is no good. */
  readonly refused: number;
  readonly pushed: number;
  /** Not taken there. */
  readonly refusedThere: number;
  /** Tried again in a later run. */
  readonly waiting: number;
  /** The peer removed them, and they are held here. Reported, never obeyed. */
  readonly removedThere: number;
}
