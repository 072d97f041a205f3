/* The program of a thread that reads images, one after the other, so that the one that answers never waits. */
import { availableParallelism } from 'node:os';
import { parentPort, workerData } from 'node:worker_threads';

import type { DigestBeside } from '../../integrity/content-digests.ts';
import { readEvidence } from '../../integrity/read-evidence.ts';
import { BESIDE_OCTETS } from '../limits.ts';
import { DigestThread } from './digest-thread.ts';
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

/** Of a signed image each octet is digested twice: for the file, and for what is signed of it. */
const digesting =
  availableParallelism() > 1 ? new DigestThread(new URL('./digest-worker.js', import.meta.url)) : undefined;

/** Undefined when one thread is enough. */
async function besideOf(
  source: SyncFileSource,
  { size, rate }: ReadOrder,
): Promise<DigestBeside | undefined> {
  if (digesting === undefined || size < BESIDE_OCTETS || rate !== undefined) return undefined;
  const { ring, digest } = await digesting.ready();
  return (parts) => {
    source.share(ring);
    return digest(parts);
  };
}

async function read(order: ReadOrder): Promise<ReadOutcome> {
  const { fd, size, rate } = order;
  const pace = rate === undefined ? undefined : new Pace(rate, () => performance.now());
  const onRead = (octets: number): void => {
    showLife();
    pace?.took(octets);
  };
  const source = new SyncFileSource(fd, size, onRead);
  const beside = await besideOf(source, order);
  try {
    return { kind: 'content', evidence: await readEvidence(source, beside && { beside }) };
  } catch (error) {
    if (beside !== undefined) await digesting?.end();
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
