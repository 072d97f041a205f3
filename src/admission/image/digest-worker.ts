/* The program of a thread that digests parts of the files that another one reads. */
import { parentPort, workerData } from 'node:worker_threads';

import { PartDigests } from '../../integrity/part-digests.ts';
import type { FilePart } from '../../integrity/part-digests.ts';
import { ringPieces } from './block-ring.ts';
import type { RingMemory } from './block-ring.ts';

// `DigestThread` starts this program, and gives it what its type says.
const memory: RingMemory = workerData;

parentPort?.on('message', (parts: readonly FilePart[]) => {
  const digests = new PartDigests(parts);
  for (const piece of ringPieces(memory)) digests.take(piece);
  // A thread has no origin.
  // oxlint-disable-next-line unicorn/require-post-message-target-origin
  parentPort?.postMessage(digests.hex());
});
