import { Worker } from 'node:worker_threads';

import type { ExaminedUpload, ExamineElsewhere } from '../../hkp/examine.ts';
import { OpenPgpError } from '../../openpgp/error.ts';
import { splitPackets } from '../../openpgp/packet.ts';
import { readSignature } from '../../openpgp/signature.ts';
import type { ExamineAnswer, ExamineAnswers, ExamineOrder, ExamineSettings } from './examine-order.ts';
import { OCTETS_PER_ORDER, ORDERS_PER_THREAD, PIECES_PER_ORDER, THREAD_MEMORY } from './limits.ts';
import { readAnswers } from './written-answers.ts';

export interface ExamineThreads {
  readonly examine: ExamineElsewhere;
  /** Ends the threads; what they were doing is given up. */
  close(): Promise<void>;
}

interface Piece {
  readonly octets: Uint8Array;
  readonly done: (upload: ExaminedUpload | undefined) => void;
  readonly failed: (error: Error) => void;
  /** Set when a thread has answered. */
  answer?: ExamineAnswer | Error;
}

interface Thread {
  readonly worker: Worker;
  /** Orders it has not answered, oldest first: it answers in their order. */
  readonly orders: Piece[][];
}

/**
 * Threads that examine pieces of a dump. Answers are given in the order of the questions, so what is stored is stored
 * in the order of the dump. `program` is the built `examine-worker.js`. Whoever uses them bounds how
 * many pieces there are at a time; a thread that ends fails the pieces it has, and all that come after.
 */
export function examineThreads(program: URL, count: number, settings: ExamineSettings): ExamineThreads {
  const waiting: Piece[] = [];
  /** All that were not answered yet, oldest first. */
  const asked: Piece[] = [];
  let ended: Error | undefined;

  const threads = Array.from({ length: count }, (): Thread => {
    const thread: Thread = {
      worker: new Worker(program, { workerData: settings, resourceLimits: THREAD_MEMORY }),
      orders: [],
    };
    thread.worker.on('message', (answers: ExamineAnswers) => {
      note(thread.orders.shift() ?? [], answers);
      while (asked[0]?.answer !== undefined) settle(asked.shift());
      hand();
    });
    thread.worker.on('error', (error) => end(error));
    thread.worker.on('exit', () => end(new Error('a thread that examines certificates has ended')));
    return thread;
  });

  function end(error: Error): void {
    ended ??= error;
    waiting.length = 0;
    for (const { failed } of asked.splice(0)) failed(ended);
  }

  /** Gives the least busy thread as much as it may have. */
  function hand(): void {
    while (waiting.length > 0) {
      const [thread] = threads.toSorted((a, b) => a.orders.length - b.orders.length);
      if (thread === undefined || thread.orders.length >= ORDERS_PER_THREAD) return;
      const pieces = waiting.splice(0, orderSize(waiting));
      thread.orders.push(pieces);
      const order = joined(pieces);
      thread.worker.postMessage(order, [order.octets.buffer]);
    }
  }

  return {
    examine: (octets) =>
      new Promise((done, failed) => {
        if (ended !== undefined) {
          failed(ended);
          return;
        }
        const piece: Piece = { octets, done, failed };
        waiting.push(piece);
        asked.push(piece);
        hand();
      }),
    close: async () => {
      await Promise.all(threads.map(({ worker }) => worker.terminate()));
    },
  };
}

/** How many of those that wait go together. */
function orderSize(waiting: readonly Piece[]): number {
  let octets = 0;
  let count = 0;
  for (const piece of waiting) {
    octets += piece.octets.length;
    if (count === PIECES_PER_ORDER || (count > 0 && octets > OCTETS_PER_ORDER)) break;
    count += 1;
  }
  return count;
}

function joined(pieces: readonly Piece[]): ExamineOrder & { readonly octets: Uint8Array<ArrayBuffer> } {
  const ends: number[] = [];
  let end = 0;
  for (const { octets } of pieces) ends.push((end += octets.length));
  const all = new Uint8Array(end);
  for (const [index, { octets }] of pieces.entries()) all.set(octets, ends[index - 1] ?? 0);
  return { octets: all, ends };
}

function note(pieces: readonly Piece[], answers: ExamineAnswers): void {
  const read = 'failed' in answers ? [] : readAnswers(answers);
  const missing = 'failed' in answers ? answers.failed : 'a thread left a piece out';
  for (const [index, piece] of pieces.entries()) piece.answer = read[index] ?? new Error(missing);
}

function settle(piece: Piece | undefined): void {
  if (piece?.answer === undefined) return;
  const { answer, done, failed } = piece;
  if (answer instanceof Error) failed(answer);
  else if (answer.kind === 'refused') failed(new OpenPgpError(answer.code, answer.reason));
  else done(uploadOf(answer));
}

function uploadOf(answer: Exclude<ExamineAnswer, { kind: 'refused' }>): ExaminedUpload | undefined {
  if (answer.kind === 'needs the store') return undefined;
  const { certificates, revocations } = answer;
  return { certificates, revocations: revocations.flatMap(splitPackets).map(readSignature) };
}
