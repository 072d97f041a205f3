/* A real file system that is full, or read-only from one moment on, under a running keystore. */
import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { makeCertificate } from '../../fixtures/test-key.ts';
import type { TestCertificate } from '../../fixtures/test-key.ts';
import { inTempFolder, push, serve, vouch } from '../vouch.ts';
import type { Served } from '../vouch.ts';

const run = (command: string, ...args: string[]): boolean => spawnSync(command, args).status === 0;

/** Whether this test may mount: it asks the kernel for the smallest thing. */
const mayMount =
  process.getuid?.() === 0 && run('unshare', '--mount', 'mount', '-t', 'tmpfs', 'tmpfs', '/mnt');

/** A disk of so many KiB. */
async function onDisk(kibibytes: number, use: (folder: string) => Promise<void>): Promise<void> {
  await inTempFolder(async (folder) => {
    if (!run('mount', '-t', 'tmpfs', '-o', `size=${kibibytes}k`, 'tmpfs', folder))
      throw new Error('cannot mount');
    try {
      await use(folder);
    } finally {
      run('umount', '--lazy', folder);
    }
  });
}

async function held({ url }: Served, { fingerprint }: TestCertificate): Promise<boolean> {
  return (await fetch(`${url}/pks/lookup?op=get&search=0x${fingerprint}`)).status === 200;
}

async function end(server: Served): Promise<void> {
  server.process.kill('SIGTERM');
  if (server.process.exitCode === null) await once(server.process, 'close');
}

/** Pushes until one is refused; gives those that were taken. */
async function pushUntilRefused(server: Served): Promise<{ taken: TestCertificate[]; status: number }> {
  const taken: TestCertificate[] = [];
  for (;;) {
    const certificate = makeCertificate([`Somebody ${'x'.repeat(900)} <s@example.org>`]);
    const { status } = await push(server.url, certificate.bytes);
    if (status !== 200) return { taken, status };
    taken.push(certificate);
  }
}

const reason = mayMount ? '' : ' (skipped: this process may not mount)';
describe.skipIf(!mayMount)(`a keystore on a disk that fails${reason}`, () => {
  it('U55 that is full answers 507, goes on with lookups, and has everything once there is room', async () => {
    await onDisk(1024, async (folder) => {
      await writeFile(join(folder, 'filler'), Buffer.alloc(400 * 1024));
      const server = await serve(folder);
      const { taken, status } = await pushUntilRefused(server);
      expect(status).toBe(507);
      expect(taken.length).toBeGreaterThan(50);
      const [first, last] = [taken[0], taken.at(-1)];
      if (first === undefined || last === undefined) throw new Error('there are some');
      expect([await held(server, first), await held(server, last)]).toEqual([true, true]);
      expect((await fetch(`${server.url}/readyz`)).status).toBe(503);
      await end(server);

      await rm(join(folder, 'filler'));
      const again = await serve(folder);
      const there = await Promise.all(taken.map((one) => held(again, one)));
      expect(there.filter((one) => !one)).toEqual([]);
      expect((await push(again.url, makeCertificate().bytes)).status).toBe(200);
      await end(again);
      expect(await vouch(['keystore', 'check', '--data', folder])).toMatchObject({ code: 0 });
    });
  });

  it('U55 that becomes read-only loses nothing, and is named when the keystore starts on it', async () => {
    await onDisk(8192, async (folder) => {
      const server = await serve(folder);
      const certificate = makeCertificate();
      expect((await push(server.url, certificate.bytes)).status).toBe(200);
      server.process.kill('SIGKILL');
      await once(server.process, 'close');
      expect(run('mount', '-o', 'remount,ro', folder)).toBe(true);
      const refused = await vouch(['serve', '--listen', '127.0.0.1:0', '--data', folder]);
      expect(refused.code).not.toBe(0);
      expect(refused.stderr).toContain(folder);
      expect(run('mount', '-o', 'remount,rw', folder)).toBe(true);
      const again = await serve(folder);
      expect(await held(again, certificate)).toBe(true);
      await end(again);
    });
  });
});
