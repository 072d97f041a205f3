import { push } from './keystore-client.mjs';

/** Pushes in flight at a time. */
const AT_ONCE = 8;

/** How many keys a push of several holds, and how often there is one. */
const SEVERAL = 3;
const SEVERAL_CHANCE = 0.25;

/**
 * What is known of each key: how many of its versions the server said it holds, and how many were sent.
 *
 * @typedef {{ key: import('./pool.mjs').PoolKey, acknowledged: number, sent: number, busy: boolean }} Progress
 */

/**
 * Pushes random next versions until the server is gone or nothing is left to push.
 *
 * @param {string} url
 * @param {readonly Progress[]} progress
 * @param {import('./random.mjs').Random} random
 * @param {() => void} onAcknowledged called after each push that was acknowledged
 * @returns {Promise<unknown>} what ended it: the error of a push, or undefined when all is pushed
 */
export async function pushUntilDead(url, progress, random, onAcknowledged) {
  /** @type {unknown} */
  let ended;
  const worker = async () => {
    while (ended === undefined) {
      const chosen = choose(progress, random);
      if (chosen.length === 0) return;
      const armors = chosen.map(({ key, acknowledged }) => key.versions[acknowledged] ?? '');
      for (const one of chosen) Object.assign(one, { busy: true, sent: one.acknowledged + 1 });
      try {
        await push(url, armors);
        for (const one of chosen) one.acknowledged = one.sent;
        onAcknowledged();
      } catch (error) {
        ended ??= error;
      }
      for (const one of chosen) one.busy = false;
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
  return ended;
}

/**
 * @param {readonly Progress[]} progress
 * @param {import('./random.mjs').Random} random
 */
function choose(progress, random) {
  const open = progress.filter(({ key, acknowledged, busy }) => !busy && acknowledged < key.versions.length);
  const wanted = Math.min(open.length, random.chance(SEVERAL_CHANCE) ? SEVERAL : 1);
  const chosen = [];
  for (let count = 0; count < wanted; count += 1) {
    chosen.push(...open.splice(random.between(0, open.length - 1), 1));
  }
  return chosen;
}
