/* Files that change under the daemon's hands, and places that promise little. */
import { createHash } from 'node:crypto';
import { execFileSync, spawnSync } from 'node:child_process';
import { appendFile, chmod, mkdir, open, readFile, rename, truncate, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { makeCertificate } from '../../fixtures/test-key.ts';
import { askUnix } from '../../http/ask-unix.ts';
import { AttackHost, IS_ROOT, until } from './attack-host.ts';
import { signedImage } from './signed-image.ts';

const MAY_MOUNT =
  IS_ROOT && spawnSync('unshare', ['--mount', 'mount', '-t', 'tmpfs', 'none', '/mnt']).status === 0;

const alice = makeCertificate();
const sha256 = (octets: Uint8Array): string => createHash('sha256').update(octets).digest('hex');

let host: AttackHost;
beforeAll(async () => {
  host = await AttackHost.start();
  await host.trust({ alice });
});
afterAll(() => host.remove());

describe('a file that changes', () => {
  it('S7.7 while it is read, over and over: nothing is said of it', async () => {
    const path = await host.signed(alice.key);
    await truncate(path, 2 ** 28);
    const file = await open(path, 'r+');
    try {
      const asked = host.admit(path, { wait_ms: 600_000 });
      const state = { answered: false };
      void asked.finally(() => (state.answered = true));
      for (let count = 0; !state.answered; count += 1) {
        await file.write(Buffer.of(count & 0xff), 0, 1, 2 ** 28 - 1);
        await new Promise((resolve) => setTimeout(resolve, 2));
      }
      const answer = await asked;
      expect(answer).toMatchObject({ effective: 'refuse', codes: ['CHANGED_WHILE_READING'] });
      expect(answer.images[0]?.sha256).toBeUndefined();
    } finally {
      await file.close();
    }
    // And once it is left alone it is judged by what it is then.
    const [image] = (await host.admit(path)).images;
    expect(image).toMatchObject({ effective: 'admit', sha256: sha256(await readFile(path)) });
  });

  it('S7.7 by getting shorter while it is read: no digest of a part of it', async () => {
    const octets = signedImage(alice.key);
    const path = await host.image(octets);
    await truncate(path, 2 ** 28);
    const misses = await host.metric('vouch_cache_misses_total');
    const asked = host.admit(path, { wait_ms: 600_000 });
    await until(
      () => host.metric('vouch_cache_misses_total'),
      (now) => now > misses,
    );
    await truncate(path, 2000);
    const [image] = (await asked).images;
    // Nothing, what is left, or all of it, when it had been read to its end before.
    const whole = Buffer.concat([octets, Buffer.alloc(2 ** 28 - octets.length)]);
    expect([undefined, sha256(octets.subarray(0, 2000)), sha256(whole)]).toContain(image?.sha256);
    expect(await host.admit(path)).toMatchObject({ effective: 'refuse', codes: ['BAD_FORMAT'] });
  });

  it('S7.7 by growing after it was admitted: the digest is another, and what was expected is refused', async () => {
    const path = await host.signed(alice.key);
    const [before] = (await host.admit(path)).images;
    await appendFile(path, 'overlay');
    const [after] = (await host.admit(path)).images;
    expect(after).toMatchObject({ sha256: sha256(await readFile(path)), cached: false });
    expect(after?.sha256).not.toBe(before?.sha256);
    const expecting = await host.admit(path, { expect: { sha256: before?.sha256 } });
    expect(expecting).toMatchObject({ effective: 'refuse' });
    expect(expecting.codes).toContain('EXPECTED_DIGEST_MISMATCH');
  });

  it('S7.7 by another one in its place', async () => {
    const path = await host.signed(alice.key);
    expect(await host.admit(path)).toMatchObject({ effective: 'admit' });
    await rename(await host.image(signedImage(makeCertificate().key)), path);
    expect(await host.admit(path)).toMatchObject({ effective: 'refuse', images: [{ cached: false }] });
  });
});

describe('places', () => {
  it('S7.7 a socket, and paths that no file can have', async () => {
    const path = join(host.images, 'socket');
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(path, resolve));
    expect(await host.admit(path)).toMatchObject({ effective: 'refuse', codes: ['NOT_SIF'] });
    await new Promise((resolve) => server.close(resolve));
    for (const bad of ['/a\0b', 'images/x.sif', '', `/${'a'.repeat(5000)}`]) {
      const body = { images: [{ path: bad }] };
      expect((await askUnix(host.socket, { path: '/v1/admit', body })).status).toBe(400);
    }
    const gate = await host.gate(`${host.images}/\u001b[2J\nadmitted`);
    expect(gate.status).toBe(503);
    expect(gate.text).toMatch(/^20 [\x20-\x7e]+\n$/);
  });

  it('S7.7 a folder that others can write binds an answer to little, however the file itself is', async () => {
    const folder = join(host.images, 'open');
    await mkdir(folder);
    await chmod(folder, 0o1777);
    const path = join(folder, 'x.sif');
    await writeFile(path, signedImage(alice.key), { mode: 0o444 });
    const [image] = (await host.admit(path)).images;
    expect(['identity', 'path']).toContain(image?.binding);
    for (const binding of ['root-owned', 'store']) {
      const answer = await host.admit(path, { min_binding: binding });
      expect(answer).toMatchObject({ effective: 'refuse' });
      expect(answer.codes).toContain('BINDING_TOO_WEAK');
    }
  });

  it.skipIf(!MAY_MOUNT)(
    'S7.7 on a file system that does not tell of changes every question reads the file (needs the right to mount)',
    async () => {
      const folder = join(host.images, 'memory');
      await mkdir(folder);
      execFileSync('mount', ['-t', 'tmpfs', 'none', folder]);
      try {
        const path = join(folder, 'x.sif');
        await writeFile(path, signedImage(alice.key));
        for (let i = 0; i < 3; i += 1) {
          expect((await host.admit(path)).images[0]).toMatchObject({ binding: 'path', cached: false });
        }
        const bound = await host.admit(path, { min_binding: 'identity' });
        expect(bound).toMatchObject({ effective: 'refuse' });
      } finally {
        await until(
          () => Promise.resolve(spawnSync('umount', [folder]).status),
          (code) => code === 0,
        );
      }
    },
  );
});
