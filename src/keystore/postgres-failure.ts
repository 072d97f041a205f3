/* What the driver and the database report, in this room's words. */
import { KeystoreError } from './error.ts';

/**
 * `conflict`: the database undid a transaction, which may be tried again. `lost`: the connection is gone, or was never
 * there. `late`: no answer in time. `refused`: everything else that the database says.
 */
export type FailureKind = 'conflict' | 'lost' | 'late' | 'refused';

/** SQLSTATE: serialization failure, deadlock. */
const CONFLICTS: ReadonlySet<string> = new Set(['40001', '40P01']);

/** The server shuts down, starts, has no connection left, or became one that only reads. */
const LOST: ReadonlySet<string> = new Set(['25006', '25P03', '53300', '57P01', '57P02', '57P03', '57P05']);

/** A statement was given up, or what it waits for. */
const LATE: ReadonlySet<string> = new Set(['55P03', '57014']);

export function failureKind(error: unknown): FailureKind {
  const state = sqlState(error);
  if (state === undefined) return isTimeout(error) ? 'late' : 'lost';
  if (CONFLICTS.has(state)) return 'conflict';
  if (LOST.has(state) || state.startsWith('08')) return 'lost';
  return LATE.has(state) ? 'late' : 'refused';
}

/** The driver has words for it, and no code. */
function isTimeout(error: unknown): boolean {
  return error instanceof Error && (codeOf(error) === 'ETIMEDOUT' || /timeout/.test(error.message));
}

/** SQLSTATE of an error that the database sent; undefined for one of the driver, the network or the system. */
export function sqlState(error: unknown): string | undefined {
  if (!(error instanceof Error) || !('severity' in error)) return undefined;
  return codeOf(error);
}

/** `doing` is what failed when the database refuses: a read or a write. */
export function postgresFailure(error: unknown, doing: 'READ_FAILED' | 'WRITE_FAILED'): KeystoreError {
  if (error instanceof KeystoreError) return error;
  if (failureKind(error) !== 'refused') return unavailable(error);
  const state = sqlState(error) ?? '';
  const reason = messageOf(error);
  if (state.startsWith('XX')) {
    const advice = 'Restore the database from a backup.';
    return new KeystoreError('CORRUPT', `The keystore's database is damaged: ${reason}. ${advice}`, {
      cause: error,
    });
  }
  const what = doing === 'READ_FAILED' ? 'a read' : 'a write to the keystore';
  return new KeystoreError(doing, `The database refused ${what}: ${reason} (SQLSTATE ${state})`, {
    cause: error,
  });
}

/** Names no host: it is given to whoever asks. */
export function unavailable(error: unknown): KeystoreError {
  const word = error instanceof Error ? (codeOf(error) ?? error.message) : String(error);
  return new KeystoreError(
    'UNAVAILABLE',
    `The keystore's database does not answer (${word}). Try again in a moment.`,
    { cause: error },
  );
}

/** At the start, when an operator reads it: `place` is named, and what the database says. */
export function openFailure(place: string, error: unknown): KeystoreError {
  if (error instanceof KeystoreError) return error;
  const [code, what] =
    failureKind(error) === 'refused'
      ? (['UNWRITABLE', 'does not let Vouch in'] as const)
      : (['UNAVAILABLE', 'does not answer'] as const);
  return new KeystoreError(code, `The database ${place} ${what}: ${messageOf(error)}`, { cause: error });
}

function codeOf(error: Error): string | undefined {
  return 'code' in error && typeof error.code === 'string' ? error.code : undefined;
}

function messageOf(error: unknown): string {
  // Of several addresses that were tried each has an error, and the whole has no message.
  if (error instanceof AggregateError && error.message === '') return error.errors.map(messageOf).join('; ');
  return error instanceof Error ? error.message : String(error);
}
