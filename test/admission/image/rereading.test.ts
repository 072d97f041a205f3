import { createHash } from 'node:crypto';
import { lstatSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { afterEach, describe, expect, test } from 'vitest';

import { stateOf } from '../../../src/admission/image/file-identity.ts';
import type { KnownFile } from '../../../src/admission/image/known-files.ts';
import type { ImageReaderOptions } from '../../../src/admission/image/looking.ts';
import { memoryDb } from '../../../src/admission/memory-db.ts';
import { bench, imageOctets, said } from './image-files.ts';
import type { Bench } from './image-files.ts';

const digestOf = (octets: Uint8Array): string => createHash('sha256').update(octets).digest('hex');
const OTHER = 'cd'.repeat(32);

let made: Bench | undefined;
afterEach(async () => {
  await made?.stop();
  made = undefined;
});

/** A reader whose memory a test can change: what it knows of a file is what a bad disk would make of it. */
async function start(options: Partial<ImageReaderOptions> = {}): Promise<
  Bench & {
    believe: (sha256: string, state?: string) => Promise<void>;
    again: () => Promise<void>;
  }
> {
  const db = memoryDb();
  const begin = async (folder?: string): Promise<Bench> => bench({ db, bootId: 'one', ...options }, folder);
  let now = await begin();
  const host = {
    get folder() {
      return now.folder;
    },
    get reader() {
      return now.reader;
    },
    file: now.file,
    look: (...args: Parameters<Bench['look']>) => now.look(...args),
    stop: () => now.stop(),
    again: async () => {
      await now.reader.close();
      now = await begin(now.folder);
    },
    believe: async (sha256: string, state?: string) => {
      const table = db.table<KnownFile>('image-files');
      for await (const [file, known] of table.entries()) {
        await table.put(file, { ...known, sha256, ...(state !== undefined && { state }) });
      }
      const evidence = await now.reader.evidence(digestOf(readFileSync(join(now.folder, 'a.sif'))));
      if (evidence !== undefined) await db.table('image-evidence').put(sha256, { ...evidence, sha256 });
      await host.again();
    },
  };
  made = host;
  return host;
}

describe('reading a known file anew', () => {
  test('finds the same octets, and takes them for read now', async () => {
    const host = await start();
    const path = host.file('a.sif');
    const sha256 = said(await host.look(path));
    const known = host.reader.known(Buffer.from(path));
    expect(known).toMatchObject({ sha256, size: imageOctets().length });
    const { hashedOctets } = host.reader.counters;
    expect(await host.reader.reread(Buffer.from(path))).toMatchObject({
      before: sha256,
      changed: false,
      content: { kind: 'content' },
    });
    expect(host.reader.known(Buffer.from(path))?.verifiedAt).toBeGreaterThan(known?.verifiedAt ?? Infinity);
    expect(host.reader.counters).toMatchObject({ hashedOctets, rereadOctets: imageOctets().length });
    expect(await host.look(path)).toMatchObject({ cached: true });
  });

  test('tells of other octets in a file that nothing says was written, and decides by them from then on', async () => {
    const host = await start();
    const path = host.file('a.sif');
    const sha256 = said(await host.look(path));
    await host.believe(OTHER);
    expect(said(await host.look(path))).toBe(OTHER);
    expect(await host.reader.reread(Buffer.from(path))).toMatchObject({ before: OTHER, changed: true });
    expect(await host.look(path)).toMatchObject({ cached: true });
    expect(said(await host.look(path))).toBe(sha256);
    expect(await host.reader.reread(Buffer.from(path))).toMatchObject({ before: sha256, changed: false });
  });

  test('tells of what is no image any more, and forgets that it was one', async () => {
    const host = await start();
    const path = Buffer.from(host.file('a.sif'));
    const sha256 = said(await host.look(path));
    // As if nothing had told of it.
    writeFileSync(path, 'no image, but a file');
    await host.believe(sha256, stateOf(lstatSync(path, { bigint: true })));
    expect(said(await host.look(path))).toBe(sha256);
    expect(await host.reader.reread(path)).toEqual({
      before: sha256,
      changed: true,
      content: expect.objectContaining({ code: 'NOT_SIF' }) as unknown,
    });
    expect(said(await host.look(path))).toBe('NOT_SIF');
  });

  test('a file that was written is no surprise', async () => {
    const host = await start();
    const path = host.file('a.sif');
    await host.look(path);
    host.file('a.sif', imageOctets(1));
    expect(host.reader.known(Buffer.from(path))).toBeUndefined();
    const read = await host.reader.reread(Buffer.from(path));
    expect(read).toMatchObject({ changed: false, content: { kind: 'content' } });
    expect(read.before).toBeUndefined();
    expect(await host.look(path)).toMatchObject({ cached: true });
  });

  test('what is not there, and what is not known, is told as it is', async () => {
    const host = await start();
    const path = Buffer.from(join(host.folder, 'none.sif'));
    expect(host.reader.known(path)).toBeUndefined();
    expect(await host.reader.reread(path)).toMatchObject({ changed: false, content: { code: 'IO_ERROR' } });
    expect(host.reader.known(Buffer.from(host.file('a.sif')))).toBeUndefined();
  });

  test('takes as long as its rate says, and nobody waits for it', async () => {
    const octets = Buffer.concat([imageOctets(), Buffer.alloc(4 * 2 ** 20)]);
    const host = await start({ workers: 1, rereadRate: 8 * 2 ** 20 });
    const path = host.file('a.sif', octets);
    await host.look(path);
    const began = performance.now();
    const reread = host.reader.reread(Buffer.from(path));
    let done = false;
    void reread.then(() => (done = true));
    expect((await host.look(host.file('b.sif', imageOctets(1)))).cached).toBe(false);
    expect(done).toBe(false);
    await reread;
    expect(performance.now() - began).toBeGreaterThan(450);
  });

  test('a service that stops does not wait for it', async () => {
    const octets = Buffer.concat([imageOctets(), Buffer.alloc(16 * 2 ** 20)]);
    const host = await start({ rereadRate: 2 ** 20 });
    const path = Buffer.from(host.file('a.sif', octets));
    const reread = host.reader.reread(path);
    await host.reader.close();
    await expect(reread).rejects.toMatchObject({ code: 'NOT_READY' });
  });
});

describe('a file that was renamed', () => {
  test('is known under its new name, when it is said to be the same', async () => {
    const host = await start();
    const path = host.file('a.sif');
    const sha256 = said(await host.look(path));
    renameSync(path, `${path}.new`);
    expect(host.reader.known(Buffer.from(`${path}.new`))).toBeUndefined();
    await host.reader.renamed(Buffer.from(`${path}.new`), sha256);
    expect(await host.look(`${path}.new`)).toMatchObject({ cached: true });
  });

  test('is not when it was written since, or was another', async () => {
    const host = await start();
    const path = host.file('a.sif');
    const sha256 = said(await host.look(path));
    renameSync(path, `${path}.new`);
    await host.reader.renamed(Buffer.from(`${path}.new`), OTHER);
    expect(host.reader.known(Buffer.from(`${path}.new`))).toBeUndefined();
    writeFileSync(`${path}.new`, imageOctets(1));
    await host.reader.renamed(Buffer.from(`${path}.new`), sha256);
    expect(host.reader.known(Buffer.from(`${path}.new`))).toBeUndefined();
  });
});
