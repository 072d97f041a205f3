import { execFileSync, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  appendFileSync,
  closeSync,
  openSync,
  renameSync,
  rmSync,
  statSync,
  truncateSync,
  utimesSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

import { afterEach, describe, expect, test } from 'vitest';

import type { ImageReaderOptions } from '../../../src/admission/image/looking.ts';
import { bench, imageOctets, said, temporaryFolder, WORKER } from './image-files.ts';
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

describe('bytes that changed are read', () => {
  test('AD4 S7.7 the same size and the old times, over and over', async () => {
    const { file, look } = await start();
    const path = file('a.sif');
    const { atime, mtime } = statSync(path);
    for (let i = 1; i < 40; i += 1) {
      const octets = imageOctets(i);
      const fd = openSync(path, 'r+');
      writeSync(fd, octets);
      closeSync(fd);
      utimesSync(path, atime, mtime);
      expect(said(await look(path))).toBe(sha256(octets));
    }
  });

  test('S7.7 another file under its path', async () => {
    const { file, look } = await start();
    const path = file('a.sif');
    await look(path);
    renameSync(file('b.sif', imageOctets(1)), path);
    expect(said(await look(path))).toBe(sha256(imageOctets(1)));
  });

  test('S7.7 AD21 a file that grew, and one that was cut off', async () => {
    const { file, look } = await start();
    const path = file('a.sif');
    await look(path);
    appendFileSync(path, 'overlay');
    expect(await look(path)).toMatchObject({ content: { evidence: { trailingOctets: 7 } } });
    truncateSync(path, imageOctets().length - 10);
    expect(said(await look(path))).toBe('BAD_FORMAT');
    truncateSync(path, 100);
    expect(said(await look(path))).toBe('NOT_SIF');
    truncateSync(path, 0);
    expect(said(await look(path))).toBe('NOT_SIF');
  });

  const mapping = [
    'import mmap, sys, os',
    'f = open(sys.argv[1], "r+b"); m = mmap.mmap(f.fileno(), 0); at = m.size() - 4000',
    'm[at] = 1; print("mapped", flush=True); sys.stdin.readline()',
    'm[at] = 2; print("stored", flush=True); sys.stdin.readline()',
  ].join('\n');
  const HAVE_PYTHON = (() => {
    try {
      execFileSync('python3', ['-c', 'import mmap'], { stdio: 'ignore' });
      return true;
    } catch {
      return false;
    }
  })();

  test.skipIf(!HAVE_PYTHON)(
    'AD5 S7.7 a store to a mapped page is not seen, so no more than `identity` is promised (needs python3)',
    async () => {
      const { file, look } = await start();
      const path = file('a.sif');
      const writer = spawn('python3', ['-c', mapping, path], { stdio: ['pipe', 'pipe', 'inherit'] });
      const line = (): Promise<unknown> => new Promise((resolve) => writer.stdout.once('data', resolve));
      try {
        await line();
        const before = await look(path);
        expect(before).toMatchObject({ binding: 'identity', content: { kind: 'content' } });
        const stored = line();
        writer.stdin.write('\n');
        await stored;
        // Whether the system tells is its own matter; either way the label is the weak one.
        expect(await look(path)).toMatchObject({ binding: 'identity', content: { kind: 'content' } });
      } finally {
        writer.kill('SIGKILL');
      }
    },
  );

  /** A thread's program that changes files before it reads them, so many times. */
  function changing(times: number): URL {
    const folder = temporaryFolder();
    const program = join(folder, 'changing.mjs');
    writeFileSync(
      program,
      `import { fchmodSync } from 'node:fs';
       import { parentPort } from 'node:worker_threads';
       let left = ${times};
       const on = parentPort.on.bind(parentPort);
       parentPort.on = (name, listener) => on(name, (order) => {
         left -= 1;
         if (left >= 0) fchmodSync(order.fd, left % 2 === 0 ? 0o600 : 0o644);
         listener(order);
       });
       await import(${JSON.stringify(WORKER.href)});`,
    );
    programs.push(folder);
    return pathToFileURL(program);
  }
  const programs: string[] = [];
  afterEach(() => programs.splice(0).forEach((folder) => rmSync(folder, { recursive: true })));

  test('S7.7 a file that changes while it is read is read once more', async () => {
    const { file, look, reader } = await start({ worker: changing(1) });
    const path = file('a.sif');
    expect(await look(path)).toMatchObject({ binding: 'identity', content: { kind: 'content' } });
    expect(reader.counters.hashes).toBe(2);
    expect((await look(path)).cached).toBe(true);
  });

  test('S7.7 a file that changes whenever it is read is given up', async () => {
    const { file, look, reader } = await start({ worker: changing(2) });
    const path = file('a.sif');
    expect(await look(path)).toMatchObject({ content: { code: 'CHANGED_WHILE_READING' } });
    expect(reader.counters).toMatchObject({ hashes: 2, hits: 0 });
    expect(await look(path)).toMatchObject({ cached: false, content: { kind: 'content' } });
  });
});
