import { execFileSync, spawn } from 'node:child_process';
import { cp, mkdir, mkdtemp, readdir, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { logDisk } from '../../../src/admission/log/log-disk.ts';
import type { LogDisk } from '../../../src/admission/log/log-disk.ts';
import type { LogLine } from '../../../src/admission/log/log-line.ts';
import { readLines } from '../../../src/admission/log/read-lines.ts';
import { verifyDecisionLog } from '../../../src/admission/log/verify-log.ts';
import { decided, event, parsed, withLogFolder } from './logs.ts';

const WRITER = fileURLToPath(new URL('writer.mjs', import.meta.url));

/** Runs the writer, killing it after so many lines; gives what it printed. */
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

async function all(folder: string): Promise<LogLine[]> {
  const lines: LogLine[] = [];
  for await (const line of readLines(folder)) lines.push(line);
  return lines;
}

describe('a decision log whose process is killed while it writes (AD26)', () => {
  it.each(['batched', 'each'])(
    'has every line that was acknowledged, round after round: %s',
    async (sync) => {
      await withLogFolder(async ({ folder, open }) => {
        const acknowledged = new Set<number>();
        for (let round = 0; round < 4; round += 1) {
          const lines = await runWriter(process.execPath, [WRITER, folder, sync], 150 + 111 * round);
          expect(lines.length).toBeGreaterThan(100);
          for (const line of lines) acknowledged.add(Number(line));
        }
        await (await open()).close();
        const report = await verifyDecisionLog(folder);
        expect(report).toMatchObject({ problems: [], unsigned: 0, openOctets: 0, firstSeq: 1 });
        const held = new Set((await all(folder)).map(({ seq }) => seq));
        expect([...acknowledged].filter((seq) => !held.has(seq))).toEqual([]);
      });
    },
  );

  it('reports the line that was torn, keeps its octets, and the chain goes on', async () => {
    await withLogFolder(async ({ folder, open, newest, problems }) => {
      const first = await open();
      await first.append(decided());
      await first.close();
      const octets = await newest();
      await truncate(join(folder, 'decisions.jsonl'), octets.length - 10);
      const log = await open();
      const lines = parsed(await newest());
      expect(lines.slice(2)).toMatchObject([
        {
          seq: 3,
          event: 'log_repaired',
          fields: {
            problem: 'torn',
            file: 'decisions.jsonl',
            line: 3,
            kept: 'decisions-0000000000000003.torn',
          },
        },
      ]);
      const kept = await readFile(join(folder, 'decisions-0000000000000003.torn'), 'utf8');
      expect(octets.toString()).toContain(kept);
      expect(kept).toContain('"checkpoint"');
      await log.close();
      expect(await verifyDecisionLog(folder)).toMatchObject({ problemCount: 0, unsigned: 0 });
      expect(problems).toEqual([]);
    });
  });

  it('is repaired whatever prefix of the file is left, and whatever a crash put behind it', async () => {
    await withLogFolder(async ({ folder, open, newest }) => {
      const log = await open();
      for (let i = 0; i < 5; i += 1) await log.append(decided());
      await log.close();
      const whole = await newest();
      const path = join(folder, 'decisions.jsonl');
      const ends = fc.constantFrom('', '\0'.repeat(500), '{"seq":', '\n', 'garbage\n', '\xff\xfe');
      await fc.assert(
        fc.asyncProperty(fc.nat(whole.length), ends, async (length, end) => {
          await writeFile(path, Buffer.concat([whole.subarray(0, length), Buffer.from(end, 'latin1')]));
          const again = await open();
          await again.append(event('started'));
          await again.close();
          expect(await verifyDecisionLog(folder)).toMatchObject({ problems: [], unsigned: 0 });
        }),
        { numRuns: 300 },
      );
    });
  });

  it('goes on when it was killed between the renaming of a full file and the next', async () => {
    await withLogFolder(async ({ folder, open }) => {
      const log = await open({ rotateOctets: 2000 });
      for (let i = 0; i < 10; i += 1) await log.append(decided());
      await log.close();
      await rm(join(folder, 'decisions.jsonl'));
      await writeFile(join(folder, 'decisions.jsonl.new'), '');
      const again = await open();
      await again.append(decided());
      await again.close();
      expect(await verifyDecisionLog(folder)).toMatchObject({ problems: [], unsigned: 0 });
      expect(await readdir(folder)).not.toContain('decisions.jsonl.new');
    });
  });
});

/** A disk with room for so many more octets. */
function fullDisk(): LogDisk & { room: number; truncates: boolean } {
  const disk = {
    ...logDisk,
    room: Infinity,
    truncates: true,
    write: (fd: number, octets: Buffer, offset: number, position: number): number => {
      if (disk.room === 0) throw Object.assign(new Error('ENOSPC: no space left'), { code: 'ENOSPC' });
      const count = Math.min(disk.room, octets.length - offset);
      disk.room -= count;
      return logDisk.write(fd, octets.subarray(0, offset + count), offset, position);
    },
    truncate: (fd: number, size: number): void => {
      if (!disk.truncates) throw new Error('EIO');
      logDisk.truncate(fd, size);
    },
  };
  return disk;
}

describe('a decision log on a full disk (AD25)', () => {
  it.each([0, 1, 5000])('keeps whole lines and rejects the others when %i octets fit', async (room) => {
    await withLogFolder(async ({ folder, open }) => {
      const disk = fullDisk();
      const log = await open({}, disk);
      disk.room = room;
      const results = await Promise.allSettled(Array.from({ length: 10 }, () => log.append(decided())));
      const written = results.filter(({ status }) => status === 'fulfilled').length;
      expect(written).toBe(room < 5000 ? 0 : results.findIndex(({ status }) => status === 'rejected'));
      expect(written).toBeLessThan(10);
      for (const one of results.slice(written))
        expect(one).toMatchObject({ reason: { code: 'LOG_UNWRITABLE' } });
      expect(await verifyDecisionLog(folder)).toMatchObject({
        problems: [],
        decisions: written,
        openOctets: 0,
      });
      disk.room = Infinity;
      expect(await log.append(decided())).toEqual({ seq: written + 2 });
      await log.close();
      expect(await verifyDecisionLog(folder)).toMatchObject({ problems: [], decisions: written + 1 });
    });
  });

  it('cuts off a part of a line later, when it cannot be cut off now', async () => {
    await withLogFolder(async ({ folder, open }) => {
      const disk = fullDisk();
      const log = await open({}, disk);
      Object.assign(disk, { room: 10, truncates: false });
      await expect(log.append(decided())).rejects.toMatchObject({ code: 'LOG_UNWRITABLE' });
      disk.room = Infinity;
      await expect(log.append(decided())).rejects.toMatchObject({ code: 'LOG_UNWRITABLE' });
      disk.truncates = true;
      await log.append(decided());
      await log.close();
      expect(await verifyDecisionLog(folder)).toMatchObject({ problems: [], decisions: 1 });
    });
  });

  it('opens all the same, says so, and writes when there is room', async () => {
    await withLogFolder(async ({ folder, open, problems }) => {
      const disk = fullDisk();
      disk.room = 0;
      const log = await open({}, disk);
      expect(problems).toMatchObject([{ code: 'LOG_UNWRITABLE' }]);
      await expect(log.append(decided())).rejects.toMatchObject({ code: 'LOG_UNWRITABLE' });
      disk.room = Infinity;
      expect(await log.append(decided())).toEqual({ seq: 2 });
      await log.close();
      expect(await verifyDecisionLog(folder)).toMatchObject({ problems: [], decisions: 1 });
    });
  });

  it.skipIf(process.platform === 'win32')(
    'stops at a limit on the size of files, and goes on without it',
    async () => {
      await withLogFolder(async ({ folder, open }) => {
        // 400 blocks of 512 octets; the log is to be one file.
        const script = 'ulimit -f 400 && exec "$0" "$@"';
        const args = ['-c', script, process.execPath, WRITER, folder, 'batched', '1000000000'];
        const lines = await runWriter('sh', args, Infinity);
        expect(lines.at(-1)).toBe('LOG_UNWRITABLE');
        const acknowledged = lines.filter((line) => line !== 'LOG_UNWRITABLE').map(Number);
        expect(acknowledged.length).toBeGreaterThan(100);
        const held = (await all(folder)).map(({ seq }) => seq);
        expect(acknowledged.filter((seq) => !held.includes(seq))).toEqual([]);
        await (await open()).close();
        expect(await verifyDecisionLog(folder)).toMatchObject({ problems: [], unsigned: 0 });
      });
    },
  );

  const mounted = mayMount();
  it.skipIf(!mounted)(
    'stops when a real file system is full, and goes on when there is room (needs root)',
    async () => {
      const mount = await mkdtemp(join(tmpdir(), 'vouch-full-'));
      execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=512k', 'tmpfs', mount]);
      try {
        const folder = join(mount, 'log');
        await mkdir(folder);
        const lines = await runWriter(process.execPath, [WRITER, folder, 'batched', '1000000000'], Infinity);
        expect(lines.at(-1)).toBe('LOG_UNWRITABLE');
        expect(await verifyDecisionLog(folder)).toMatchObject({ problems: [], openOctets: 0 });
        await withLogFolder(async (elsewhere) => {
          await cp(folder, elsewhere.folder, { recursive: true });
          await (await elsewhere.open()).close();
          expect(await verifyDecisionLog(elsewhere.folder)).toMatchObject({ problems: [], unsigned: 0 });
        });
      } finally {
        execFileSync('umount', [mount]);
        await rm(mount, { recursive: true });
      }
    },
  );
});

function mayMount(): boolean {
  try {
    execFileSync('unshare', ['-m', 'mount', '-t', 'tmpfs', 'tmpfs', '/mnt'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}
