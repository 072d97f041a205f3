import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createHash } from 'node:crypto';
import { readdir, readFile, readlink, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { withRingLock } from '../../src/keyring/ring-lock.ts';
import { tempFolder } from './rings.ts';

async function thisMachine(): Promise<string> {
  const boot = await readFile('/proc/sys/kernel/random/boot_id', 'latin1').catch(() => '');
  const namespace = await readlink('/proc/self/ns/pid').catch(() => '');
  return createHash('sha256').update(`${hostname()}\n${boot}\n${namespace}`).digest('hex').slice(0, 16);
}

const LOT = '0123456789abcdef';

it('lets one in at a time', async () => {
  const folder = await tempFolder();
  let inside = 0;
  let most = 0;
  const enter = (): Promise<void> =>
    withRingLock(folder, async () => {
      inside += 1;
      most = Math.max(most, inside);
      await delay(2);
      inside -= 1;
    });
  await Promise.all(Array.from({ length: 10 }, enter));
  expect(most).toBe(1);
  expect(await readdir(folder)).toEqual([]);
});

it('passes over the ticket of a process that is dead', async () => {
  const folder = await tempFolder();
  const child = spawn(process.execPath, ['-e', '']);
  await once(child, 'close');
  await writeFile(join(folder, `.vouch-lock.${await thisMachine()}.${child.pid}.12345.${LOT}`), '');
  expect(await withRingLock(folder, () => Promise.resolve('in'))).toBe('in');
  expect(await readdir(folder)).toEqual([]);
});

it('passes over the ticket of a process whose number another one has now', async () => {
  const folder = await tempFolder();
  await writeFile(join(folder, `.vouch-lock.${await thisMachine()}.${process.pid}.1.${LOT}`), '');
  expect(await withRingLock(folder, () => Promise.resolve('in'))).toBe('in');
});

it('waits for a process on another machine, of which it cannot know whether it lives', async () => {
  const folder = await tempFolder();
  const ticket = `.vouch-lock.${'f'.repeat(16)}.1.1.${LOT}`;
  await writeFile(join(folder, ticket), 'elsewhere\n');
  let entered = false;
  const entering = withRingLock(folder, async () => {
    entered = true;
    return Promise.resolve();
  });
  await delay(300);
  expect(entered).toBe(false);
  const { unlink } = await import('node:fs/promises');
  await unlink(join(folder, ticket));
  await entering;
  expect(entered).toBe(true);
});

it('lets go when the work fails', async () => {
  const folder = await tempFolder();
  await expect(withRingLock(folder, () => Promise.reject(new Error('no')))).rejects.toThrow('no');
  expect(await readdir(folder)).toEqual([]);
});
