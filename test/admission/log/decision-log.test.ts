import { createHash } from 'node:crypto';
import { chmod, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { verifyDecisionLog } from '../../../src/admission/log/verify-log.ts';
import { decided, decision, event, image, parsed, START, withLogFolder } from './logs.ts';

const olderFiles = async (folder: string): Promise<string[]> =>
  (await readdir(folder)).filter((name) => /^decisions-\d+\.jsonl$/.test(name)).toSorted();

describe('openDecisionLog', () => {
  it('writes each decision as one line with the hash of the line before, without what would fix it', async () => {
    await withLogFolder(async ({ open, newest }) => {
      const log = await open();
      const reasons = [
        { code: 'UNSIGNED', action: 'enforce', text: 'no signature', fix: 'sign it' },
      ] as const;
      const refused = { verdict: 'refuse', effective: 'refuse' } as const;
      const given = { ...refused, reasons, images: [image({ ...refused, reasons })], log_pos: 9 };
      expect(await log.append(decided(given))).toEqual({ seq: 2 });
      const lines = (await newest()).toString().split('\n');
      expect(lines.pop()).toBe('');
      const [head = '', line = ''] = lines;
      expect(JSON.parse(head)).toEqual({
        seq: 1,
        prev: '0'.repeat(64),
        kind: 'head',
        version: 1,
        origin: 'host.example.org',
        time: new Date(START).toISOString(),
      });
      const plain = reasons.map(({ fix: _fix, ...reason }) => reason);
      const { log_pos: _position, ...answer } = decision(given);
      expect(JSON.parse(line)).toEqual({
        seq: 2,
        prev: createHash('sha256').update(head).digest('hex'),
        kind: 'decision',
        ...answer,
        reasons: plain,
        images: [{ ...image(refused), reasons: plain }],
      });
    });
  });

  it('keeps files and folder from others', async () => {
    await withLogFolder(async ({ open, folder }) => {
      await (await open()).append(event('started'));
      const mode = async (name: string): Promise<number> => (await stat(join(folder, name))).mode & 0o777;
      expect(await mode('.')).toBe(0o700);
      expect(await mode('decisions.jsonl')).toBe(0o600);
      expect(await mode('log-key.pem')).toBe(0o600);
    });
  });

  it('AD24: a path with newlines, escapes and octets that are not UTF-8 stays on one line and moves no cursor', async () => {
    await withLogFolder(async ({ open, newest, folder }) => {
      const log = await open();
      const path = '/srv/a\n{"seq":3}\r\u001b[2J\u009b\u2028\u202e\u{e0041}\ud800\u007f/\ufffd.sif';
      const octets = Buffer.from([0x2f, 0xff, 0x0a, 0xfe]);
      await log.append(decided({ images: [image({ path, path_b64: octets.toString('base64') })] }));
      await log.append(decided({ images: [image({ path: '/srv/ascii\u007f.sif' })] }));
      const file = await newest();
      expect(file.toString().split('\n')).toHaveLength(4);
      expect(parsed(file)[2]).toMatchObject({ images: [{ path: '/srv/ascii\u007f.sif' }] });
      expect(file.toString().replaceAll('\n', '')).not.toMatch(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u);
      expect(parsed(file)[1]).toMatchObject({ images: [{ path, path_b64: octets.toString('base64') }] });
      await log.close();
      expect(await verifyDecisionLog(folder)).toMatchObject({ problemCount: 0, unsigned: 0 });
    });
  });

  it('writes the lines of one turn with one write, in their order', async () => {
    await withLogFolder(async ({ open }) => {
      const { logDisk } = await import('../../../src/admission/log/log-disk.ts');
      let writes = 0;
      const log = await open(
        {},
        { ...logDisk, write: (...given) => ((writes += 1), logDisk.write(...given)) },
      );
      writes = 0;
      const positions = await Promise.all(Array.from({ length: 50 }, () => log.append(decided())));
      expect(positions.map(({ seq }) => seq)).toEqual(Array.from({ length: 50 }, (_, i) => i + 2));
      expect(writes).toBe(1);
    });
  });

  it('with `each`, resolves only when the disk has it, and takes back what it could not get there', async () => {
    await withLogFolder(async ({ open, folder }) => {
      const { logDisk } = await import('../../../src/admission/log/log-disk.ts');
      let broken = false;
      const synced: number[] = [];
      const log = await open(
        { sync: 'each' },
        {
          ...logDisk,
          sync: async (fd) => {
            if (broken) throw new Error('EIO');
            await logDisk.sync(fd);
            synced.push(fd);
          },
        },
      );
      const before = synced.length;
      await log.append(decided());
      expect(synced.length).toBe(before + 1);
      broken = true;
      await expect(log.append(decided())).rejects.toMatchObject({ code: 'LOG_UNWRITABLE' });
      broken = false;
      expect(await log.append(decided())).toEqual({ seq: 3 });
      await log.close();
      expect(await verifyDecisionLog(folder)).toMatchObject({ problemCount: 0, decisions: 2, unsigned: 0 });
    });
  });

  it('goes on where it was after a restart, and signs at the end', async () => {
    await withLogFolder(async ({ open, folder, problems }) => {
      for (let round = 0; round < 3; round += 1) {
        const log = await open();
        await log.append(event('started'));
        await log.close();
      }
      const report = await verifyDecisionLog(folder);
      expect(report).toMatchObject({ lines: 7, events: 3, checkpoints: 3, unsigned: 0, problemCount: 0 });
      expect(problems).toEqual([]);
    });
  });

  it('signs a checkpoint when it is due, and none when there is nothing new', async () => {
    await withLogFolder(async (given) => {
      const log = await given.open({ checkpointEvery: 60_000 });
      await log.append(decided());
      given.time += 60_000;
      await log.append(decided());
      expect(parsed(await given.newest()).map(({ kind }) => kind)).toEqual([
        'head',
        'decision',
        'decision',
        'checkpoint',
      ]);
      await log.close();
      expect(parsed(await given.newest())).toHaveLength(4);
    });
  });

  it('signs while nobody asks for anything', async () => {
    await withLogFolder(async (given) => {
      const log = await given.open({ checkpointEvery: 20, now: Date.now });
      await log.append(decided());
      const kinds = async (): Promise<unknown[]> => parsed(await given.newest()).map(({ kind }) => kind);
      await expect.poll(kinds, { timeout: 20_000 }).toContain('checkpoint');
    });
  });

  it('is refused to a second writer, and free after the first', async () => {
    await withLogFolder(async ({ open }) => {
      const log = await open();
      await expect(open()).rejects.toMatchObject({ code: 'LOCKED' });
      await log.append(decided());
      await log.close();
      await (await open()).append(decided());
    });
  });

  it('takes nothing after it was closed', async () => {
    await withLogFolder(async ({ open }) => {
      const log = await open();
      const last = log.append(decided());
      await log.close();
      expect(await last).toEqual({ seq: 2 });
      await expect(log.append(decided())).rejects.toMatchObject({ code: 'LOG_UNWRITABLE' });
    });
  });

  it('begins a new file when one is full; the chain goes on, and full files end signed', async () => {
    await withLogFolder(async ({ open, folder }) => {
      const log = await open({ rotateOctets: 4000 });
      for (let i = 0; i < 40; i += 1) await log.append(decided());
      await log.close();
      const older = await olderFiles(folder);
      expect(older.length).toBeGreaterThan(3);
      for (const name of older) {
        const lines = parsed(await readFile(join(folder, name)));
        expect(lines[0]).toMatchObject({ kind: 'head', seq: Number(name.slice(10, 26)) });
        expect(lines.at(-1)).toMatchObject({ kind: 'checkpoint' });
      }
      const report = await verifyDecisionLog(folder);
      expect(report).toMatchObject({ decisions: 40, firstSeq: 1, unsigned: 0, problemCount: 0 });
      expect(report.last?.seq).toBe(report.lines);
    });
  });

  it('removes whole old files beyond those that are to be kept', async () => {
    await withLogFolder(async ({ open, folder }) => {
      const log = await open({ rotateOctets: 4000, keep: 2 });
      for (let i = 0; i < 40; i += 1) await log.append(decided());
      await expect.poll(() => olderFiles(folder)).toHaveLength(2);
      await log.close();
      const report = await verifyDecisionLog(folder);
      expect(report.problemCount).toBe(0);
      expect(report.firstSeq).toBeGreaterThan(1);
    });
  });

  it('shortens an answer that is too long for a line', async () => {
    await withLogFolder(async ({ open, newest }) => {
      const log = await open();
      const [signer] = image().signers;
      if (signer === undefined) throw new Error('no signer');
      const objects = Array.from({ length: 4096 }, (_, i) => i + 1);
      const huge = image({ signers: Array.from({ length: 64 }, () => ({ ...signer, objects })) });
      await log.append(decided({ images: Array.from({ length: 32 }, () => huge) }));
      expect((await newest()).length).toBeLessThan(4 * 1024 * 1024);
      expect(parsed(await newest())[1]).toMatchObject({ shortened: true });
    });
  });
});

describe('a decision log that is not as it was left', () => {
  it('that was changed is set aside, told, and goes on in a new file', async () => {
    await withLogFolder(async ({ open, folder, newest, problems }) => {
      const first = await open();
      for (let i = 0; i < 3; i += 1) await first.append(decided());
      await first.close();
      const changed = (await newest()).toString().replace('"uid":1000', '"uid":1001');
      await writeFile(join(folder, 'decisions.jsonl'), changed);
      const log = await open();
      expect(problems).toMatchObject([{ code: 'LOG_BROKEN' }]);
      expect(problems[0]?.message).toContain('decisions-0000000000000001.jsonl:3');
      expect(await log.append(decided())).toEqual({ seq: 8 });
      expect(parsed(await newest())).toMatchObject([
        { kind: 'head', seq: 6 },
        { event: 'log_repaired', fields: { problem: 'broken', line: 3 } },
        { kind: 'decision' },
      ]);
      await log.close();
      expect(await readFile(join(folder, 'decisions-0000000000000001.jsonl'), 'utf8')).toBe(changed);
      const { problems: found } = await verifyDecisionLog(folder);
      expect(found).toMatchObject([{ file: 'decisions-0000000000000001.jsonl', line: 3 }]);
    });
  });

  it.each([
    ['removed', 'removed', (path: string) => rm(path)],
    ['renamed', 'removed', (path: string) => rename(path, `${path}.1`)],
    ['emptied', 'broken', (path: string) => writeFile(path, '')],
    ['added to', 'broken', (path: string) => writeFile(path, 'x\n', { flag: 'a' })],
  ])('that is %s while it is open goes on in a new file, and says so', async (_, problem, harm) => {
    await withLogFolder(async ({ open, folder, newest, problems }) => {
      const log = await open();
      await log.append(decided());
      await harm(join(folder, 'decisions.jsonl'));
      expect(await log.append(decided())).toEqual({ seq: 5 });
      expect(problems).toMatchObject([{ code: 'LOG_BROKEN' }]);
      expect(parsed(await newest())).toMatchObject([
        { kind: 'head', seq: 3 },
        { event: 'log_repaired', fields: { problem } },
        { kind: 'decision', seq: 5 },
      ]);
      await log.close();
      await (await open()).close();
    });
  });

  it('whose folder is gone rejects what it cannot write', async () => {
    await withLogFolder(async ({ open, folder }) => {
      const log = await open();
      await rm(join(folder, 'decisions.jsonl'));
      await rename(folder, `${folder}.gone`);
      await expect(log.append(decided())).rejects.toMatchObject({ code: 'LOG_UNWRITABLE' });
      await rename(`${folder}.gone`, folder);
      await log.append(decided());
    });
  });

  it('whose key others can read, or is none, does not open', async () => {
    await withLogFolder(async ({ open, folder }) => {
      await (await open()).close();
      await chmod(join(folder, 'log-key.pem'), 0o644);
      await expect(open()).rejects.toMatchObject({ code: 'BAD_LOG_KEY' });
      await writeFile(join(folder, 'log-key.pem'), 'x');
      await chmod(join(folder, 'log-key.pem'), 0o600);
      await expect(open()).rejects.toMatchObject({ code: 'BAD_LOG_KEY' });
    });
  });

  it('whose key is gone makes a new one, says so, and older checkpoints are not taken for its own', async () => {
    await withLogFolder(async ({ open, folder, problems }) => {
      const first = await open();
      await first.append(decided());
      await first.close();
      await rm(join(folder, 'log-key.pem'));
      await (await open()).close();
      expect(problems).toMatchObject([{ code: 'LOG_BROKEN' }]);
      const { problems: found } = await verifyDecisionLog(folder);
      expect(found).toMatchObject([{ line: 3, text: expect.stringContaining('another key') as unknown }]);
    });
  });
});
