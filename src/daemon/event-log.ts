import type { DecisionLog, LogEvent, LogPosition, LogRecord } from '../admission/log/record.ts';
import type { Log } from '../log.ts';

/** The decision log, watched: whether the last line could be written is known, and failures are counted. */
export class WatchedLog implements DecisionLog {
  readonly #inner: DecisionLog;
  readonly #onFailure: () => void;
  #problem: string | undefined;

  constructor(inner: DecisionLog, onFailure: () => void) {
    this.#inner = inner;
    this.#onFailure = onFailure;
  }

  get position(): number {
    return this.#inner.position;
  }

  /** Why the last line could not be written; undefined: it could. */
  get problem(): string | undefined {
    return this.#problem;
  }

  async append(record: LogRecord): Promise<LogPosition> {
    try {
      const position = await this.#inner.append(record);
      this.#problem = undefined;
      return position;
    } catch (error) {
      this.#problem = error instanceof Error ? error.message : String(error);
      this.#onFailure();
      throw error;
    }
  }

  close(): Promise<void> {
    return this.#inner.close();
  }
}

/**
 * Writes events: to the decision log, and what an operator should see to the service's log too. Never rejects: what
 * happened happened, whether it can be written or not.
 */
export function eventWriter(
  decisions: DecisionLog,
  log: Log,
  now: () => number,
): (event: LogEvent, fields: Readonly<Record<string, unknown>>) => Promise<void> {
  return async (event, fields) => {
    const message = event.replaceAll('_', ' ');
    if (WORTH_A_WARNING.has(event)) log.warn(message, { event, ...summary(fields) });
    else log.info(message, { event, ...summary(fields) });
    try {
      await decisions.append({ kind: 'event', event, time: new Date(now()).toISOString(), fields });
    } catch (error) {
      log.error('an event could not be written to the decision log', { event, error: String(error) });
    }
  };
}

const WORTH_A_WARNING: ReadonlySet<LogEvent> = new Set([
  'policy_reload_failed',
  'key_vanished',
  'keystore_rollback',
  'keystore_conflict',
  'keystore_unreachable',
  'keys_stale',
  'decision_changed',
  'image_changed',
  'clock_suspect',
  'clock_trusted',
  'overload',
  'log_repaired',
  'state_damaged',
]);

/** The fields that are plain values; the others are in the decision log. */
function summary(
  fields: Readonly<Record<string, unknown>>,
): Readonly<Record<string, string | number | boolean | null>> {
  const plain: Record<string, string | number | boolean | null> = {};
  for (const [name, value] of Object.entries(fields)) {
    if (
      value === null ||
      typeof value === 'string' ||
      typeof value === 'number' ||
      typeof value === 'boolean'
    ) {
      plain[name] = value;
    }
  }
  return plain;
}
