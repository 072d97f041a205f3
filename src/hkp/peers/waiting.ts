/* Certificates that are tried again later: each some times, further and further apart, and then no more. */
import { HkpClientError } from '../client/error.ts';
import { MAX_WAITING, RETRY_AFTER } from './limits.ts';

export interface Waiting {
  readonly fingerprint: string;
  /** How often it was tried; at least once. */
  readonly attempts: number;
  /** When it is tried again, in milliseconds since 1970. */
  readonly due: number;
}

/** What became of one that could not be had, or was not taken. */
export interface Put {
  readonly waiting: readonly Waiting[];
  /** It was tried often enough. */
  readonly givenUp: boolean;
}

/**
 * Lets a certificate wait after a try in vain. Throws `BAD_ANSWER` when too many wait already: then it is not
 * about single certificates.
 */
export function wait(waiting: readonly Waiting[], fingerprint: string, now: number): Put {
  const attempts = (waiting.find((one) => one.fingerprint === fingerprint)?.attempts ?? 0) + 1;
  const others = settle(waiting, fingerprint);
  const after = RETRY_AFTER[attempts - 1];
  if (after === undefined) return { waiting: others, givenUp: true };
  if (others.length >= MAX_WAITING) {
    throw new HkpClientError(
      'BAD_ANSWER',
      `more than ${MAX_WAITING} certificates went wrong one after another`,
    );
  }
  return { waiting: [...others, { fingerprint, attempts, due: now + after }], givenUp: false };
}

/** Takes a certificate off the list. */
export function settle(waiting: readonly Waiting[], fingerprint: string): readonly Waiting[] {
  return waiting.filter((one) => one.fingerprint !== fingerprint);
}

/** Fingerprints whose time has come. */
export function dueNow(waiting: readonly Waiting[], now: number): readonly string[] {
  return waiting.filter(({ due }) => due <= now).map(({ fingerprint }) => fingerprint);
}
