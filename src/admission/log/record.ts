/* The lines of the decision log, before they are chained. */
import type { Decision } from '../decision.ts';

export type LogRecord =
  | { readonly kind: 'decision'; readonly decision: Decision }
  | {
      readonly kind: 'event';
      readonly event: LogEvent;
      /** ISO 8601, UTC, milliseconds. */
      readonly time: string;
      readonly fields: Readonly<Record<string, unknown>>;
    };

/** What is logged beside decisions: whatever changes them, and whenever the log was blind. */
export type LogEvent =
  | 'started'
  | 'stopped'
  | 'policy_loaded'
  | 'policy_reload_failed'
  | 'key_changed'
  | 'key_vanished'
  | 'keystore_rollback'
  | 'keystore_conflict'
  | 'keystore_unreachable'
  | 'keystore_recovered'
  | 'keys_stale'
  | 'decision_changed'
  | 'sweep_finished'
  | 'image_changed'
  | 'rehash_finished'
  | 'clock_suspect'
  | 'clock_trusted'
  | 'overload'
  | 'log_repaired'
  | 'state_damaged'
  | 'promoted';

/** Where a line went. */
export interface LogPosition {
  /** 1, 2, 3, … over all files of the log. */
  readonly seq: number;
}

export interface DecisionLog {
  /** Sequence of the newest line, 0 when there is none. */
  readonly position: number;
  /**
   * Writes a line behind all others. Resolves when the operating system has it (with `each`: the disk); lines of
   * one turn of the event loop are written together. Rejects with `LOG_UNWRITABLE`; the line is then not in the
   * chain, and the next one is tried anew.
   */
  append(record: LogRecord): Promise<LogPosition>;
  /** Everything is on the disk and the last checkpoint is signed. */
  close(): Promise<void>;
}
