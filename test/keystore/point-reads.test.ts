import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { describe, expect, it, onTestFinished } from 'vitest';

import { PointReads } from '../../src/keystore/point-reads.ts';
import { READS_PER_MEASUREMENT } from '../../src/keystore/limits.ts';
import { temporaryFolder } from './temporary-folder.ts';

const MEMORY = 1000;

async function emptyFolder(): Promise<string> {
  const { folder, remove } = await temporaryFolder();
  onTestFinished(remove);
  return folder;
}

/** As many reads as may pass until the tables are measured again. */
function readOften(reads: PointReads): boolean {
  let last = false;
  for (let read = 0; read <= READS_PER_MEASUREMENT; read += 1) last = reads.mayBlock();
  return last;
}

describe('a point read', () => {
  it('may block while the tables take no more than half of the memory', async () => {
    const folder = await emptyFolder();
    await writeFile(join(folder, '000005.ldb'), Buffer.alloc(400));
    await writeFile(join(folder, '000007.sst'), Buffer.alloc(100));
    await writeFile(join(folder, '000009.log'), Buffer.alloc(5000));
    const reads = new PointReads(folder, MEMORY);
    await reads.measure();
    expect(reads.mayBlock()).toBe(true);
  });

  it('may not when they take more, when they cannot be measured, and before they are', async () => {
    const folder = await emptyFolder();
    await writeFile(join(folder, '000005.ldb'), Buffer.alloc(501));
    const reads = new PointReads(folder, MEMORY);
    expect(reads.mayBlock()).toBe(false);
    await reads.measure();
    expect(reads.mayBlock()).toBe(false);
    const nowhere = new PointReads(join(folder, 'nowhere'), MEMORY);
    await nowhere.measure();
    expect(nowhere.mayBlock()).toBe(false);
  });

  it('sees in time that the tables have grown', async () => {
    const folder = await emptyFolder();
    const reads = new PointReads(folder, MEMORY);
    await reads.measure();
    await writeFile(join(folder, '000005.ldb'), Buffer.alloc(501));
    expect(reads.mayBlock()).toBe(true);
    await expect.poll(() => readOften(reads)).toBe(false);
  });
});
