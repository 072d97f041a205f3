import { execFileSync } from 'node:child_process';
import { mkdtemp, rm, symlink, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ByteSource } from '../../src/bytes/byte-source.ts';
import { FileSource, NotAFile } from '../../src/bytes/file-source.ts';
import { MemorySource } from '../../src/bytes/memory-source.ts';
import { OutOfBytes } from '../../src/bytes/reader.ts';

const SIZE = 600_000;
const bytes = Uint8Array.from({ length: SIZE }, (_, i) => (i * 31) % 251);

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'vouch-source-'));
  await writeFile(join(folder, 'octets'), bytes);
});
afterAll(async () => {
  await rm(folder, { recursive: true, force: true });
});

async function collect(pieces: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const all: Uint8Array[] = [];
  for await (const piece of pieces) all.push(piece.slice());
  return Buffer.concat(all);
}

const SOURCES: readonly (readonly [string, () => Promise<ByteSource>])[] = [
  ['MemorySource', async () => new MemorySource(bytes)],
  ['FileSource', () => FileSource.open(join(folder, 'octets'))],
];

describe.each(SOURCES)('%s', (_name, open) => {
  it('reads and streams any range', async () => {
    const source = await open();
    expect(source.size).toBe(SIZE);
    await fc.assert(
      fc.asyncProperty(fc.nat({ max: SIZE }), fc.nat({ max: SIZE }), async (a, b) => {
        const [from, to] = [Math.min(a, b), Math.max(a, b)];
        const wanted = Buffer.from(bytes.subarray(from, to));
        expect(wanted.equals(await source.read(from, to - from))).toBe(true);
        expect(wanted.equals(await collect(source.stream(from, to - from)))).toBe(true);
      }),
      { numRuns: 30 },
    );
    await source.close();
  });

  it.each([
    [0, SIZE + 1],
    [SIZE, 1],
    [SIZE + 1, 0],
    [-1, 1],
    [0, -1],
    [0.5, 1],
    [0, 2 ** 53],
    [2 ** 53, 2 ** 53],
    [Number.NaN, 1],
    [0, Number.POSITIVE_INFINITY],
  ])('throws OutOfBytes for %d and %d, and allocates nothing', async (offset, length) => {
    const source = await open();
    await expect(source.read(offset, length)).rejects.toThrow(OutOfBytes);
    await expect(collect(source.stream(offset, length))).rejects.toThrow(OutOfBytes);
    await source.close();
  });

  it('gives octets that stay as they are read', async () => {
    const source = await open();
    const first = await source.read(0, 10);
    first.fill(0);
    expect(await source.read(0, 3)).toEqual(Uint8Array.of(0, 31, 62));
    await source.close();
  });
});

describe('FileSource', () => {
  it('throws OutOfBytes when the file became shorter meanwhile', async () => {
    const path = join(folder, 'shrinking');
    await writeFile(path, bytes);
    const source = await FileSource.open(path);
    await truncate(path, 300_000);
    await expect(source.read(0, SIZE)).rejects.toThrow(OutOfBytes);
    await expect(collect(source.stream(0, SIZE))).rejects.toThrow(OutOfBytes);
    expect(await source.read(0, 300_000)).toHaveLength(300_000);
    await source.close();
  });

  it('keeps a piece as it is until the next is asked for, and leaves no failure behind when nobody asks', async () => {
    const path = join(folder, 'read-ahead');
    await writeFile(path, bytes);
    const source = await FileSource.open(path);
    await truncate(path, 300_000);
    let length = 0;
    for await (const piece of source.stream(0, SIZE)) {
      // The next piece is being read, and fails, meanwhile.
      await new Promise((resolve) => setTimeout(resolve, 20));
      expect(Buffer.compare(piece, bytes.subarray(0, piece.length))).toBe(0);
      length = piece.length;
      break;
    }
    expect(length).toBe(256 * 1024);
    await source.close();
  });

  it('7.7 refuses a folder, a device and a FIFO, without waiting for anybody', async () => {
    execFileSync('mkfifo', [join(folder, 'fifo')]);
    for (const path of [folder, '/dev/null', join(folder, 'fifo')]) {
      await expect(FileSource.open(path)).rejects.toThrow(NotAFile);
    }
  });

  it('7.7 follows a symbolic link only when it may', async () => {
    const path = join(folder, 'link');
    await symlink('octets', path);
    await (await FileSource.open(path)).close();
    await expect(FileSource.open(path, { followLinks: false })).rejects.toMatchObject({ code: 'ELOOP' });
  });

  it('shows its handle, to ask the system about the open file', async () => {
    const source = await FileSource.open(join(folder, 'octets'));
    expect((await source.handle.stat()).size).toBe(SIZE);
    await source.close();
    await expect(source.read(0, 1)).rejects.toThrow();
  });
});
