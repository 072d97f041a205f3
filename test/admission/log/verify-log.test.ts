import { copyFile, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { verifyDecisionLog } from '../../../src/admission/log/verify-log.ts';
import { decided, event, withLogFolder } from './logs.ts';
import type { LogFolder } from './logs.ts';

/** Three full files and a newest one, all signed; gives the names of the full ones. */
async function writtenLog({ open, folder }: LogFolder): Promise<string[]> {
  const log = await open({ rotateOctets: 1500 });
  for (let i = 0; i < 9; i += 1) await log.append(i % 4 === 0 ? event('key_changed') : decided());
  await log.close();
  const older = (await readdir(folder)).filter((name) => /^decisions-.*\.jsonl$/.test(name)).toSorted();
  expect(older.length).toBeGreaterThanOrEqual(3);
  return older;
}

describe('verifyDecisionLog', () => {
  it('finds every change of an octet in what is signed, and says in which file and line', async () => {
    await withLogFolder(async (log) => {
      const names = [...(await writtenLog(log)), 'decisions.jsonl'];
      await fc.assert(
        fc.asyncProperty(
          fc.constantFrom(...names),
          fc.double({ min: 0, max: 1, noNaN: true, maxExcluded: true }),
          fc.integer({ min: 1, max: 255 }),
          async (name, where, difference) => {
            const path = join(log.folder, name);
            const octets = await readFile(path);
            // Without its newline the last line counts as one that is being written, and nothing signs it.
            const at = Math.floor(where * (octets.length - 1));
            const changed = Buffer.from(octets);
            changed[at] = (changed[at] ?? 0) ^ difference;
            await writeFile(path, changed);
            const { problems } = await verifyDecisionLog(log.folder);
            await writeFile(path, octets);
            expect(problems.length).toBeGreaterThan(0);
            const line = octets.subarray(0, at).toString('latin1').split('\n').length;
            const order = names.indexOf(problems[0]?.file ?? '') * 1e6 + (problems[0]?.line ?? 0);
            // It is found there, or by the line after it.
            const place = names.indexOf(name) * 1e6 + line;
            const next = line === octets.toString('latin1').split('\n').length - 1;
            expect([place, place + 1, ...(next ? [(names.indexOf(name) + 1) * 1e6 + 1] : [])]).toContain(
              order,
            );
          },
        ),
        { numRuns: 500 },
      );
      expect(await verifyDecisionLog(log.folder)).toMatchObject({ problems: [] });
    });
  });

  it.each([
    ['a line', (lines: string[]) => lines.toSpliced(2, 1)],
    ['the order of lines', (lines: string[]) => lines.toSpliced(1, 2, lines[2] ?? '', lines[1] ?? '')],
    ['a repeated line', (lines: string[]) => lines.toSpliced(2, 0, lines[1] ?? '')],
    ['an empty line', (lines: string[]) => lines.toSpliced(2, 0, '')],
    [
      'all checkpoints of a full file',
      (lines: string[]) => lines.filter((line) => !line.includes('"checkpoint"')),
    ],
  ])('finds %s missing, changed or added', async (_, change) => {
    await withLogFolder(async (log) => {
      const [name = ''] = await writtenLog(log);
      const path = join(log.folder, name);
      const lines = (await readFile(path, 'utf8')).split('\n');
      await writeFile(path, change(lines).join('\n'));
      expect((await verifyDecisionLog(log.folder)).problems[0]).toMatchObject({ file: name });
    });
  });

  it('finds a full file that is missing, has another name, or is there twice', async () => {
    await withLogFolder(async (log) => {
      const [, second = ''] = await writtenLog(log);
      const path = join(log.folder, second);
      const other = join(log.folder, 'decisions-0000000000000002.jsonl');
      await rename(path, other);
      expect((await verifyDecisionLog(log.folder)).problemCount).toBeGreaterThan(0);
      await copyFile(other, path);
      expect((await verifyDecisionLog(log.folder)).problemCount).toBeGreaterThan(0);
      await rm(other);
      expect((await verifyDecisionLog(log.folder)).problemCount).toBe(0);
      await rm(path);
      expect((await verifyDecisionLog(log.folder)).problemCount).toBeGreaterThan(0);
    });
  });

  it('counts what is not signed yet, and does not vouch for it', async () => {
    await withLogFolder(async ({ open, folder }) => {
      const log = await open();
      await log.append(decided());
      await log.append(decided());
      const report = await verifyDecisionLog(folder);
      expect(report).toMatchObject({ unsigned: 3, problems: [] });
      expect(report).not.toHaveProperty('signed');
    });
  });

  it('takes a key from elsewhere, so that a key that was exchanged with the log is found', async () => {
    await withLogFolder(async (real) => {
      await writtenLog(real);
      const publicKey = await readFile(join(real.folder, 'log-key.pub.pem'), 'utf8');
      expect(await verifyDecisionLog(real.folder, { publicKey })).toMatchObject({ problems: [] });
      await withLogFolder(async (forged) => {
        await writtenLog(forged);
        expect(await verifyDecisionLog(forged.folder)).toMatchObject({ problems: [] });
        const { problemCount, checkpoints } = await verifyDecisionLog(forged.folder, { publicKey });
        expect(problemCount).toBe(checkpoints);
      });
    });
  });

  it('says NOT_FOUND where there is no log, and BAD_LOG_KEY for what is no key', async () => {
    await withLogFolder(async (log) => {
      await expect(verifyDecisionLog(log.folder)).rejects.toMatchObject({ code: 'NOT_FOUND' });
      await writtenLog(log);
      await expect(verifyDecisionLog(log.folder, { publicKey: 'x' })).rejects.toMatchObject({
        code: 'BAD_LOG_KEY',
      });
      await rm(join(log.folder, 'log-key.pub.pem'));
      expect((await verifyDecisionLog(log.folder)).problemCount).toBeGreaterThan(0);
    });
  });
});
