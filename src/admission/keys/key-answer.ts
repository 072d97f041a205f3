import type { KeystoreStanding } from '../../policy/facts.ts';

/** What one keystore said of one key, and when. Milliseconds since 1970. Kept over restarts as it is here. */
export interface KeyAnswer {
  /** The last answer was that it has the key. */
  readonly present: boolean;
  readonly rollback: boolean;
  readonly conflict: boolean;
  readonly lastAttempt?: number;
  /** That it has the key, or that it has not. */
  readonly lastAnswer?: number;
  readonly lastPresent?: number;
  /** When it is to be asked again; 0: at once. */
  readonly nextDue: number;
  /** When it is to be made sure that the keystore gave what it holds, whatever a change log says. */
  readonly fullDue: number;
  /** It may have changed since it was fetched, or was not fetched yet: a change log says nothing about that. */
  readonly dirty: boolean;
}

export const NEVER_ASKED: KeyAnswer = {
  present: false,
  rollback: false,
  conflict: false,
  nextDue: 0,
  fullDue: 0,
  dirty: true,
};

/**
 * An answer as of `now`, which is before it when a clock that was ahead has been put right: an answer of the future
 * would never grow old. When it was is not known then.
 */
export function asOf(answer: KeyAnswer, now: number): KeyAnswer {
  const { lastAnswer = 0, lastPresent, lastAttempt } = answer;
  if (lastAnswer <= now) return answer;
  return doubted({
    ...answer,
    ...(lastPresent !== undefined && { lastPresent: Math.min(lastPresent, now) }),
    ...(lastAttempt !== undefined && { lastAttempt: Math.min(lastAttempt, now) }),
  });
}

/** An answer that may be older than it says, or about less than is known now: its key is asked for anew, and at once. */
export function doubted({ present, rollback, conflict, lastPresent, lastAttempt }: KeyAnswer): KeyAnswer {
  return {
    present,
    rollback,
    conflict,
    ...(lastPresent !== undefined && { lastPresent }),
    ...(lastAttempt !== undefined && { lastAttempt }),
    nextDue: 0,
    fullDue: 0,
    dirty: true,
  };
}

/** Of the keystores that are asked about a key; none: it is not asked for. */
export function standingOf(answers: readonly KeyAnswer[]): KeystoreStanding {
  const present = answers.filter((one) => one.present);
  // One that never had the key cannot make up for the silence of one that has it.
  const lastAnswer = latest((present.length > 0 ? present : answers).map((one) => one.lastAnswer));
  const lastPresent = latest(answers.map((one) => one.lastPresent));
  return {
    asked: answers.length > 0,
    ...(lastAnswer !== undefined && { lastAnswer: Math.floor(lastAnswer / 1000) }),
    ...(lastPresent !== undefined && { lastPresent: Math.floor(lastPresent / 1000) }),
    vanished: present.length === 0 && lastPresent !== undefined,
    rollback: answers.some((one) => one.rollback),
    conflict: answers.some((one) => one.conflict),
  };
}

function latest(times: readonly (number | undefined)[]): number | undefined {
  return times.reduce((a, b) => (a === undefined || (b !== undefined && b > a) ? b : a), undefined);
}
