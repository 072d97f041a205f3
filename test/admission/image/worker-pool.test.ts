import { closeSync, openSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

import { afterEach, describe, expect, test } from 'vitest';

import { WorkerPool } from '../../../src/admission/image/worker-pool.ts';
import { imageOctets, temporaryFolder, WORKER } from './image-files.ts';

let pool: WorkerPool | undefined;
afterEach(async () => {
  await pool?.close();
  pool = undefined;
});

/** A program of threads, as text. */
function program(text: string): URL {
  const path = join(temporaryFolder(), 'thread.mjs');
  writeFileSync(path, text);
  return pathToFileURL(path);
}

describe('whether threads answer', () => {
  test('one that has nothing to do does, and it is started for that', async () => {
    pool = new WorkerPool(WORKER);
    expect(await pool.answers(10_000)).toBe(true);
    expect(await pool.answers(10_000)).toBe(true);
  });

  test('one that reads does, as long as it comes on', async () => {
    pool = new WorkerPool(WORKER);
    const path = join(temporaryFolder(), 'a.sif');
    writeFileSync(path, Buffer.concat([imageOctets(), Buffer.alloc(4 * 2 ** 20)]));
    const fd = openSync(path, 'r');
    const size = imageOctets().length + 4 * 2 ** 20;
    const reading = pool.run({ fd, size, rate: 4 * 2 ** 20 });
    expect(await pool.answers(10_000)).toBe(true);
    expect((await reading).kind).toBe('content');
    closeSync(fd);
  });

  test('one that hangs does not', async () => {
    pool = new WorkerPool(
      program(`import { parentPort } from 'node:worker_threads';
parentPort.on('message', () => { for (;;); });`),
    );
    expect(await pool.answers(200)).toBe(false);
  });

  test('one that cannot be started does not', async () => {
    pool = new WorkerPool(program('throw new Error("broken")'));
    expect(await pool.answers(10_000)).toBe(false);
  });

  test('one that dies over its image does not take the others with it', async () => {
    pool = new WorkerPool(
      program(`import { parentPort, workerData } from 'node:worker_threads';
parentPort.on('message', (order) => {
  Atomics.add(workerData.beat, 0, 1);
  if (order !== 'ping') process.exit(1);
});`),
    );
    expect(await pool.run({ fd: 0, size: 1 })).toMatchObject({ code: 'IO_ERROR' });
    expect(await pool.answers(10_000)).toBe(true);
  });
});
