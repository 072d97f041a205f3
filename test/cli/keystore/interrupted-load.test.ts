import { readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { newCertificates } from '../certificates.ts';
import { inTempFolder, start, vouch } from '../vouch.ts';
import { codes, dump, load } from './load-and-dump.ts';
import type { LoadReport } from './load-and-dump.ts';

let certificates: Buffer[];

beforeAll(async () => {
  certificates = await newCertificates(30);
});

/** Enough pieces for a note or two before the end. */
const REPEATS = 30;

describe('vouch keystore load: interrupted', () => {
  /** The same certificates many times over: checking them takes long, making them does not. */
  async function longRing(folder: string, repeats: number): Promise<string> {
    const ring = join(folder, 'long.pgp');
    await writeFile(ring, Buffer.concat(Array.from({ length: repeats }, () => certificates).flat()));
    return ring;
  }

  async function notedPlace(state: string): Promise<number> {
    for (;;) {
      try {
        const { place }: { place: { offset: number } } = JSON.parse(await readFile(state, 'utf8'));
        if (place.offset > 0) return place.offset;
      } catch {
        // Not there yet.
      }
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
  }

  it('goes on after SIGKILL where it was, and ends with the same store and the same report', async () => {
    await inTempFolder(async (folder) => {
      const ring = await longRing(folder, REPEATS);
      const refused = join(folder, 'refused.jsonl');
      const words = [
        'keystore',
        'load',
        ring,
        join(folder, 'bad.pgp'),
        '--refused',
        refused,
        '--data',
        folder,
        '--json',
      ];
      await writeFile(join(folder, 'bad.pgp'), 'not a keyring');
      const { process: child, ended } = start(words);
      const offset = await notedPlace(join(folder, 'load.json'));
      child.kill('SIGKILL');
      expect(await ended).toMatchObject({ code: null, stdout: Buffer.of() });
      expect(offset).toBeLessThan((await stat(ring)).size);

      const { code, stdout, stderr } = await vouch(words);
      expect(code).toBe(0);
      expect(stderr).toContain('going on with an interrupted load');
      // What was loaded between the last note and the kill is loaded again, and found unchanged.
      const report = JSON.parse(stdout.toString()) as LoadReport;
      expect(report.inserted + report.unchanged).toBe(REPEATS * 30);
      expect(codes(report)).toEqual({ BAD_PACKET: 1 });
      expect((await readFile(refused, 'utf8')).trim().split('\n')).toHaveLength(1);

      await writeFile(join(folder, 'once.pgp'), Buffer.concat(certificates));
      await load(join(folder, 'other'), [join(folder, 'once.pgp')]);
      expect((await dump(folder)).equals(await dump(join(folder, 'other')))).toBe(true);
      expect((await vouch(['keystore', 'check', '--data', folder])).code).toBe(0);
      expect(await readdir(folder)).not.toContain('load.json');
    });
  });

  it('stops at SIGINT with a note of where it is, exit 130 and what to do', async () => {
    await inTempFolder(async (folder) => {
      const ring = await longRing(folder, REPEATS);
      const words = ['keystore', 'load', ring, '--data', folder];
      const { process: child, ended } = start(words);
      await notedPlace(join(folder, 'load.json'));
      child.kill('SIGINT');
      const { code, stdout } = await ended;
      expect(code).toBe(130);
      expect(stdout.toString()).toContain('Interrupted');
      const again = await vouch([...words, '--json']);
      expect(again.stderr).toContain('going on with');
      expect(JSON.parse(again.stdout.toString())).toMatchObject({
        complete: true,
        inserted: 30,
        unchanged: (REPEATS - 1) * 30,
      });
    });
  });

  it('begins at the beginning with --restart, and when the file has changed', async () => {
    await inTempFolder(async (folder) => {
      const ring = await longRing(folder, REPEATS);
      const { process: child, ended } = start(['keystore', 'load', ring, '--data', folder]);
      await notedPlace(join(folder, 'load.json'));
      child.kill('SIGKILL');
      await ended;
      const state = await readFile(join(folder, 'load.json'));
      const restarted = await load(folder, [ring, '--restart']);
      expect(restarted).toMatchObject({ code: 0, stderr: '', complete: true });
      expect(restarted.inserted + restarted.unchanged).toBe(REPEATS * 30);

      await writeFile(join(folder, 'load.json'), state);
      await writeFile(ring, certificates[0] ?? '');
      expect(await load(folder, [ring])).toMatchObject({ code: 0, stderr: '', unchanged: 1, inserted: 0 });
    });
  });
});
