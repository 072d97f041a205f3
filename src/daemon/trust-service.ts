/* What the routes need of the daemon; `run-daemon.ts` composes it, tests make small ones. */
import type { Admission } from '../admission/admission.ts';
import type { Decision } from '../admission/decision.ts';
import type { ManagedKeyBook } from '../admission/keys/managed-key-book.ts';
import type { Log } from '../log.ts';
import type { Verdict } from '../policy/verdict.ts';
import type { PolicyKeeper } from './policy-keeper.ts';

export interface TrustService {
  readonly admission: Pick<Admission, 'admit' | 'explain' | 'compare' | 'policy'>;
  readonly policies: Pick<PolicyKeeper, 'status' | 'reload' | 'candidate'>;
  readonly keys: Pick<ManagedKeyBook, 'status' | 'refresh' | 'reloadLocal'>;
  readonly decisions: PastDecisions;
  readonly operations: Operations;
  readonly observer: Observer;
  /** Milliseconds. */
  readonly maxWait: number;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  readonly log: Log;
}

/** The decision log, to be asked. */
export interface PastDecisions {
  /** The newest first. */
  list(query: DecisionQuery): Promise<readonly unknown[]>;
  /** Undefined when there is none, or not for this caller. */
  find(id: string, uid: number | undefined): Promise<unknown>;
}

export interface DecisionQuery {
  /** Milliseconds since 1970; from … until (exclusive). */
  readonly since?: number;
  readonly until?: number;
  /** Of the caller of the decisions. */
  readonly uid?: number;
  readonly verdict?: Verdict;
  readonly limit: number;
}

/** What only the daemon's own user may order. */
export interface Operations {
  sweep(): Promise<unknown>;
  affected(what: { readonly fingerprint: string } | { readonly sha256: string }): Promise<unknown>;
  /** Copies an image into the store. Throws `PROMOTE_FAILED` and `NOT_FOUND`. */
  promote(path: Uint8Array): Promise<unknown>;
  /** Opens the socket of a user and says where it is. Throws `FORBIDDEN` for users that the daemon cannot serve. */
  addCaller(uid: number): Promise<string>;
}

/** What is told of the daemon itself. */
export interface Observer {
  /** Takes note of an answer, for metrics. */
  decided(decision: Decision): void;
  /** Takes note of a question that found no place in the queue. */
  overloaded(): void;
  /** What keeps the daemon from deciding, one sentence each; empty: ready. */
  problems(): readonly string[];
  status(): unknown;
  /** In the form that Prometheus reads. */
  metrics(): Promise<{ readonly type: string; readonly text: string }>;
}
