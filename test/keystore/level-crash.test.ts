import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';

import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import { checkLevelKeystore } from '../../src/keystore/check.ts';
import { openLevelKeystore } from '../../src/keystore/level.ts';
import { Clock, collect, text, word } from './sample.ts';
import { temporaryFolder } from './temporary-folder.ts';

const WRITER = fileURLToPath(new URL('writer.mjs', import.meta.url));
const ROUNDS = 4;
const clock = new Clock();
let folder: string;
let remove: () => Promise<void>;

beforeEach(async () => {
  ({ folder, remove } = await temporaryFolder());
});

afterEach(async () => {
  await remove();
});

/** Runs the writer, killing it after so many acknowledged updates; gives what it printed. */
async function runWriter(command: string, args: readonly string[], killAfter: number): Promise<string[]> {
  const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  const exited = new Promise((resolve) => {
    child.once('exit', resolve);
  });
  let output = '';
  child.stdout.setEncoding('utf8');
  for await (const part of child.stdout) {
    output += String(part);
    if (output.split('\n').length > killAfter) child.kill('SIGKILL');
  }
  await exited;
  return output.split('\n').filter((line) => line !== '');
}

/** The newest version of each certificate that was acknowledged. */
function acknowledge(newest: Map<string, number>, lines: readonly string[]): void {
  for (const [name = '', version] of lines.map((line) => line.split(' '))) {
    newest.set(name, Math.max(newest.get(name) ?? 0, Number(version)));
  }
}

/** Nothing acknowledged is lost, and no half of anything is there. */
async function expectKept(newest: ReadonlyMap<string, number>): Promise<void> {
  const terms = (bytes: Uint8Array) => [word('all'), word(`version ${text(bytes)?.split(' ')[0]}`)];
  const report = await checkLevelKeystore(folder, { now: clock.now, terms });
  expect(report.findings).toEqual([]);
  const store = await openLevelKeystore(folder, clock);
  for (const [name, version] of newest) {
    const held = text(await store.bytes(name));
    expect(Number(held?.split(' ')[0])).toBeGreaterThanOrEqual(version);
  }
  const changes = await collect(store.changes(0));
  expect(changes.map(({ sequence }) => sequence)).toEqual(changes.map((_, n) => n + 1));
  await store.close();
}

describe('a store whose process is killed in the middle of updates (U54)', () => {
  it('holds every acknowledged update and nothing by halves, round after round', async () => {
    const newest = new Map<string, number>();
    for (let round = 0; round < ROUNDS; round += 1) {
      const lines = await runWriter(process.execPath, [WRITER, folder], 100 + 137 * round);
      expect(lines.length).toBeGreaterThanOrEqual(100);
      acknowledge(newest, lines);
      await expectKept(newest);
    }
  });
});

describe('a store that another process has open', () => {
  it('is LOCKED, and free again when that process is gone', async () => {
    const child = spawn(process.execPath, [WRITER, folder], { stdio: ['ignore', 'pipe', 'inherit'] });
    const exited = new Promise((resolve) => {
      child.once('exit', resolve);
    });
    await new Promise((resolve) => {
      child.stdout.once('data', resolve);
    });
    child.stdout.resume();
    await expect(openLevelKeystore(folder, clock)).rejects.toMatchObject({ code: 'LOCKED' });
    child.kill('SIGKILL');
    await exited;
    await expectKept(new Map());
  });
});

describe.skipIf(process.platform === 'win32')('a store whose disk is full (U55)', () => {
  it('says WRITE_FAILED, keeps answering reads, and has every acknowledged update when there is room again', async () => {
    // A limit on the size of files stands in for the disk: 2,000 blocks of 512 octets.
    const script = 'ulimit -f 2000 && exec "$0" "$@"';
    const lines = await runWriter('sh', ['-c', script, process.execPath, WRITER, folder], Infinity);
    const answers: unknown = JSON.parse(lines.pop() ?? '');
    expect(answers).toEqual({ failed: 'WRITE_FAILED', later: 'WRITE_FAILED', readable: 40 });
    expect(lines.length).toBeGreaterThan(100);
    const newest = new Map<string, number>();
    acknowledge(newest, lines);
    await expectKept(newest);
  });
});
