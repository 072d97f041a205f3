import { mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { dumpFiles } from '../../../src/cli/dump/dump-writer.ts';

async function folderOfTheirOwn(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'vouch-dump-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  return folder;
}

it('replaces a link that somebody put where it writes, and does not follow it', async () => {
  const folder = await folderOfTheirOwn();
  const precious = join(folder, 'precious');
  await writeFile(precious, 'precious');
  await symlink(precious, join(folder, 'all.pgp.part'));
  await symlink(precious, join(folder, 'all.pgp'));
  const writer = await dumpFiles({ file: join(folder, 'all.pgp') });
  await writer.add(Buffer.from('certificate'));
  await writer.finish();
  expect(await readFile(precious, 'utf8')).toBe('precious');
  expect(await readFile(join(folder, 'all.pgp'), 'utf8')).toBe('certificate');
  expect((await readdir(folder)).toSorted()).toEqual(['all.pgp', 'precious']);
});

it('begins anew where a dump was killed', async () => {
  const folder = await folderOfTheirOwn();
  await writeFile(join(folder, 'vouch-dump-0000.pgp.part'), 'half of a longer one');
  const writer = await dumpFiles({ folder, perFile: 10 });
  await writer.add(Buffer.from('new'));
  expect(await writer.finish()).toEqual([join(folder, 'vouch-dump-0000.pgp')]);
  expect(await readFile(join(folder, 'vouch-dump-0000.pgp'), 'utf8')).toBe('new');
});
