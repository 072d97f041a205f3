import { createHash } from 'node:crypto';
import { chmodSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

import { afterEach, describe, expect, test } from 'vitest';

import type { ImageReaderOptions } from '../../../src/admission/image/looking.ts';
import { ADMIN, bench, imageOctets, said, temporaryFolder, WORKER } from './image-files.ts';
import type { Bench } from './image-files.ts';

const sha256 = (octets: Uint8Array): string => createHash('sha256').update(octets).digest('hex');

let made: Bench | undefined;
afterEach(async () => {
  await made?.stop();
  made = undefined;
});
async function start(options: Partial<ImageReaderOptions> = {}, folder?: string): Promise<Bench> {
  made = await bench(options, folder);
  return made;
}

describe('many at once', () => {
  test('AD22 a thousand looks at a cold image are one reading', async () => {
    const { file, look, reader } = await start();
    const octets = Buffer.concat([imageOctets(), Buffer.alloc(8 * 2 ** 20)]);
    const path = file('a.sif', octets);
    const before = readdirSync('/proc/self/fd').length;
    const looks = await Promise.all(Array.from({ length: 1000 }, () => look(path)));
    expect(new Set(looks.map(said))).toEqual(new Set([sha256(octets)]));
    expect(reader.counters).toMatchObject({ hashes: 1, misses: 1000, joined: 999, queueDepth: 0 });
    expect(readdirSync('/proc/self/fd').length).toBeLessThan(before + 20);
  });

  test('past the deadline the answer is that, and reading goes on for the next one', async () => {
    const { file, look, reader } = await start();
    const path = file('a.sif', Buffer.concat([imageOctets(), Buffer.alloc(64 * 2 ** 20)]));
    expect(said(await look(path, ADMIN, Date.now()))).toBe('DEADLINE');
    expect((await look(path)).content.kind).toBe('content');
    expect(reader.counters.hashes).toBe(1);
    expect(said(await look(path, ADMIN, 0))).toMatch(/^[0-9a-f]{64}$/);
  });

  test('one caller’s images do not fill the queue for another, nor more than all may wait', async () => {
    const { folder, file, look } = await start({ workers: 1, queue: 3, queuePerCaller: 2 });
    chmodSync(folder, 0o755);
    const large = (i: number): Buffer => Buffer.concat([imageOctets(i), Buffer.alloc(32 * 2 ** 20)]);
    const paths = [0, 1, 2, 3, 4, 5].map((i) => file(`${i}.sif`, large(i)));
    const alice = { kind: 'user', uid: 4242 } as const;
    const bob = { kind: 'user', uid: 4243 } as const;
    // Whose groups are known does not wait, so that they ask in this order.
    for (const caller of [alice, bob]) await look('/', caller);
    const results = await Promise.allSettled([
      look(paths[0] ?? '', alice),
      look(paths[1] ?? '', alice),
      look(paths[2] ?? '', alice),
      look(paths[3] ?? '', alice),
      look(paths[4] ?? '', bob),
      look(paths[5] ?? '', bob),
    ]);
    const codes = results.map((one) =>
      one.status === 'fulfilled' ? one.value.content.kind : one.reason.code,
    );
    expect(codes).toEqual(['content', 'content', 'content', 'QUEUE_FULL', 'content', 'QUEUE_FULL']);
  });

  test('closing ends what is read and what waits', async () => {
    const { file, look, reader } = await start({ workers: 1 });
    const octets = (i: number): Buffer => Buffer.concat([imageOctets(i), Buffer.alloc(128 * 2 ** 20)]);
    const looks = [0, 1].map((i) => look(file(`${i}.sif`, octets(i))));
    const settled = Promise.allSettled(looks);
    await reader.close();
    expect(await settled).toMatchObject([
      { reason: { code: 'NOT_READY' } },
      { reason: { code: 'NOT_READY' } },
    ]);
    await expect(look('/a')).rejects.toMatchObject({ code: 'NOT_READY' });
  });
});

describe('threads', () => {
  test('one that dies takes its image with it and no more', async () => {
    const folder = temporaryFolder();
    const program = join(folder, 'dies-once.mjs');
    const mark = join(folder, 'died');
    writeFileSync(
      program,
      `import { existsSync, writeFileSync } from 'node:fs';
       import { parentPort } from 'node:worker_threads';
       const again = existsSync(${JSON.stringify(mark)});
       if (again) await import(${JSON.stringify(WORKER.href)});
       else parentPort.once('message', () => {
         writeFileSync(${JSON.stringify(mark)}, '');
         const hog = [];
         for (;;) hog.push(new Array(1e5).fill({}));
       });`,
    );
    const { file, look } = await start({ worker: pathToFileURL(program), workers: 1 }, folder);
    const path = file('a.sif');
    const other = file('b.sif', imageOctets(1));
    const [first, second] = await Promise.all([look(path), look(other)]);
    expect([first, second].map(said)).toEqual(['IO_ERROR', sha256(imageOctets(1))]);
    expect(said(await look(path))).toBe(sha256(imageOctets()));
  });

  test('a program that is not there is an error of the image, not of the service', async () => {
    const { file, look } = await start({ worker: new URL('file:///nowhere/worker.js') });
    expect(said(await look(file('a.sif')))).toBe('IO_ERROR');
  });
});
