/* The program of a thread that reads images, one after the other, so that the one that answers never waits. */
import { parentPort } from 'node:worker_threads';

import { readEvidence } from '../../integrity/read-evidence.ts';
import { problem, problemOf } from './problem.ts';
import type { ReadOrder, ReadOutcome } from './read-order.ts';
import { SyncFileSource } from './sync-file-source.ts';

async function read({ fd, size }: ReadOrder): Promise<ReadOutcome> {
  try {
    return { kind: 'content', evidence: await readEvidence(new SyncFileSource(fd, size)) };
  } catch (error) {
    return problemOf(error);
  }
}

function answer(outcome: ReadOutcome): void {
  // A thread has no origin.
  // oxlint-disable-next-line unicorn/require-post-message-target-origin
  parentPort?.postMessage(outcome);
}

parentPort?.on('message', (order: ReadOrder) => {
  read(order).then(answer, () => answer(problem('IO_ERROR', 'reading it failed')));
});
