import { setTimeout as delay } from 'node:timers/promises';

import { KeystoreError } from './error.ts';
import { MAX_MERGES, MAX_MERGE_PAUSE } from './limits.ts';

/** Runs `work` anew for as long as it answers `undefined`: others were faster. Throws `UNAVAILABLE` in the end. */
export async function untilStored<T>(work: () => Promise<T | undefined>): Promise<T> {
  for (let tries = 1; tries <= MAX_MERGES; tries += 1) {
    const done = await work();
    if (done !== undefined) return done;
    // The more often somebody was faster, the more there may be of them.
    await delay(Math.random() * Math.min(2 ** tries, MAX_MERGE_PAUSE));
  }
  throw new KeystoreError('UNAVAILABLE', 'Others kept changing the same certificate. Try again in a moment.');
}
