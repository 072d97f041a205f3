/* Commands that run at once, or are killed, on real files. */
import { readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { makeCertificate } from '../../fixtures/test-key.ts';
import { start } from '../vouch.ts';
import type { Started } from '../vouch.ts';
import { listed, newHost } from './keys.ts';
import type { Host } from './keys.ts';

function begin(host: Host, words: readonly string[]): Started {
  const env = { PATH: process.env['PATH'], HOME: host.home };
  const started = start(['key', ...words], { env });
  started.process.stdin.end();
  return started;
}

async function keyFiles(host: Host, count: number): Promise<{ path: string; fingerprint: string }[]> {
  return Promise.all(
    Array.from({ length: count }, async (_, i) => {
      const { bytes, fingerprint } = makeCertificate([`Signer ${i}`]);
      const path = join(host.home, `${i}.pgp`);
      await writeFile(path, bytes);
      return { path, fingerprint };
    }),
  );
}

const sorted = (all: readonly { fingerprint: string }[]): string[] =>
  all.map(({ fingerprint }) => fingerprint).toSorted();

it('loses no key when several commands write at once', async () => {
  const host = await newHost();
  const files = await keyFiles(host, 6);
  const ended = await Promise.all(files.map(({ path }) => begin(host, ['import', path]).ended));
  expect(ended.map(({ code }) => code)).toEqual(files.map(() => 0));
  expect(sorted(await listed(host))).toEqual(sorted(files));
  expect(await readdir(host.keys)).toEqual(['pgp-public']);
});

it('loses nothing that was there when commands are killed at any moment, and works on', async () => {
  const host = await newHost();
  const [kept, last, ...files] = await keyFiles(host, 10);
  if (kept === undefined || last === undefined) throw new Error('no files');
  await begin(host, ['import', kept.path]).ended;
  for (const [i, { path }] of files.entries()) {
    const started = begin(host, ['import', path]);
    // From before it has read anything to after it has written.
    await delay(60 + i * 45);
    started.process.kill('SIGKILL');
    await started.ended;
  }
  expect((await begin(host, ['import', last.path]).ended).code).toBe(0);
  const after = sorted(await listed(host));
  expect(after).toContain(kept.fingerprint);
  expect(after).toContain(last.fingerprint);
  for (const fingerprint of after) expect(sorted([kept, last, ...files])).toContain(fingerprint);
  expect(await readdir(host.keys)).toEqual(['pgp-public']);
});
