/**
 * What is written by a process that a fault meets, and held against what it said was written.
 *
 * @typedef {{
 *   write: (folder: string, done: (step: number) => void) => Promise<void>,
 *   verify: (folder: string, done: readonly number[]) => Promise<void>,
 *   leftovers?: (folder: string) => Promise<readonly string[]>,
 * }} FaultStore
 *   `write` does its steps in order, whatever it did before, and tells each when it is durable. `verify` opens what
 *   was left, as the program would, and throws when a step that was told is missing, or anything is there by halves.
 *   `leftovers`: what lies about once all steps were repeated without a fault.
 */

/** @param {number} count */
export const steps = (count) => Array.from({ length: count }, (_, step) => step);

/**
 * @param {boolean} holds
 * @param {string} what
 */
export function must(holds, what) {
  if (!holds) throw new Error(`broken promise: ${what}`);
}
