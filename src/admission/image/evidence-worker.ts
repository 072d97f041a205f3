/* The program of a thread that reads images, one after the other, so that the one that answers never waits. */
import { parentPort, workerData } from 'node:worker_threads';

import { readEvidence } from '../../integrity/read-evidence.ts';
import { Pace } from './pace.ts';
import { problem, problemOf } from './problem.ts';
import { PING } from './read-order.ts';
import type { ReadOrder, ReadOutcome, ThreadData } from './read-order.ts';
import { SyncFileSource } from './sync-file-source.ts';

// The pool starts this program, and gives it what its type says.
const { beat }: ThreadData = workerData;

/** Shows that the thread does something. */
function showLife(): void {
  Atomics.add(beat, 0, 1);
}

async function read({ fd, size, rate }: ReadOrder): Promise<ReadOutcome> {
  const pace = rate === undefined ? undefined : new Pace(rate, () => performance.now());
  const onRead = (octets: number): void => {
    showLife();
    pace?.took(octets);
  };
  try {
    return { kind: 'content', evidence: await readEvidence(new SyncFileSource(fd, size, onRead)) };
  } catch (error) {
    return problemOf(error);
  }
}

function answer(outcome: ReadOutcome): void {
  // A thread has no origin.
  // oxlint-disable-next-line unicorn/require-post-message-target-origin
  parentPort?.postMessage(outcome);
}

parentPort?.on('message', (order: ReadOrder | typeof PING) => {
  showLife();
  if (order === PING) return;
  read(order).then(answer, () => answer(problem('IO_ERROR', 'reading it failed')));
});
