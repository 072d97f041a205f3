/* All attackers of a soak, in a thread; tells at the end what came of what they did. */
import { setMaxListeners } from 'node:events';
import { parentPort, workerData } from 'node:worker_threads';
import { attackDaemon } from './daemon-attacks.mjs';
import { attackKeystore } from './keystore-attacks.mjs';
import { Tally } from './tally.mjs';

/**
 * @typedef {{ place: import('./exchange.mjs').Place, socket: string, folder: string, milliseconds: number }} Attack
 */

/** @type {Attack} */
const { place, socket, folder, milliseconds } = workerData;
const tally = new Tally();
const over = new AbortController();
// One for each connection.
setMaxListeners(0, over.signal);
setTimeout(() => over.abort(), milliseconds);
await Promise.all([
  ...attackKeystore({ place, tally, ending: over.signal }),
  ...attackDaemon({ socket, folder, tally, ending: over.signal }),
]);
// A thread has no origin.
// oxlint-disable-next-line unicorn/require-post-message-target-origin
parentPort?.postMessage(tally.outcomes());
