import { OpenPgpError } from './error.ts';

/**
 * How many signatures may still be verified for one upload. Verifying is what an upload costs: a mebibyte
 * of small signatures, spread over a hundred certificates, would keep a processor busy for ten seconds.
 */
export class VerificationBudget {
  readonly #most: number;
  #spent = 0;

  constructor(most: number) {
    this.#most = most;
  }

  /** Throws `UPLOAD_TOO_LARGE` when `count` more are too many. */
  spend(count: number): void {
    this.#spent += count;
    if (this.#spent > this.#most) {
      throw new OpenPgpError(
        'UPLOAD_TOO_LARGE',
        `more than ${this.#most} signatures to verify in one upload; send it in parts`,
      );
    }
  }

  /** Spends one, if one is left. */
  take(): boolean {
    if (this.#spent >= this.#most) return false;
    this.#spent += 1;
    return true;
  }
}
