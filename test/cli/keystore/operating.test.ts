/* Operators' words, on a store that is served and on one that is not. */
import { mkdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { newCertificates } from '../certificates.ts';
import { inTempFolder, push, serve, vouch } from '../vouch.ts';
import type { Ended } from '../vouch.ts';

let certificates: Buffer[];

beforeAll(async () => {
  certificates = await newCertificates(3);
});

async function fingerprints(data: string): Promise<string[]> {
  const { stdout } = await vouch(['keystore', 'dump', '--data', data]);
  const { readKeyring } = await import('../../../src/openpgp/keyring.ts');
  const { fingerprintOf } = await import('../../../src/openpgp/fingerprint.ts');
  return readKeyring(stdout).certificates.map(({ primary }) => fingerprintOf(4, primary.body));
}

/** Words that change nothing by their order, with what they print: times and folders are the run's own. */
async function story(data: string, fingerprint: string): Promise<string[]> {
  const other = 'F'.repeat(40);
  const words: readonly (readonly string[])[] = [
    ['block', other.toLowerCase(), '--reason', 'never seen'],
    ['remove', fingerprint],
    ['remove', fingerprint],
    ['blocked'],
    ['unblock', fingerprint],
    ['block', 'FFFF'],
    ['jobs', '--run', 'tombstones'],
    ['jobs', '--run', 'nothing'],
    ['token', 'add', 'ann', '--json'],
    ['token', 'revoke', 'nobody'],
  ];
  const told: string[] = [];
  for (const word of words) {
    const ended: Ended = await vouch(['keystore', ...word, '--data', data]);
    told.push(`${word.join(' ')}: ${ended.code}\n${ended.stdout.toString()}${ended.stderr}`);
  }
  return told.map((text) =>
    text
      .replaceAll(/\d{4}-\d\d-\d\dT[\d:.]+Z/g, 'TIME')
      .replaceAll(/(?:vouch_)?[0-9a-f]{16}(?:_[0-9a-f]{64})?/g, 'TOKEN')
      .replace(/next [^;]+;/, 'next;'),
  );
}

describe('vouch keystore, for operators', () => {
  it('says the same of a store that is served and of one that is not', async () => {
    await inTempFolder(async (folder) => {
      const served = join(folder, 'served');
      const still = join(folder, 'still');
      const ring = join(folder, 'ring.pgp');
      await writeFile(ring, Buffer.concat(certificates));
      for (const data of [served, still]) {
        expect((await vouch(['keystore', 'load', ring, '--data', data])).code).toBe(0);
      }
      const [first = ''] = await fingerprints(still);
      const server = await serve(served);
      const [running, alone] = await Promise.all([story(served, first), story(still, first)]);
      const socket = await stat(join(served, 'admin.sock'));
      expect(socket.mode & 0o777).toBe(0o600);
      server.process.kill('SIGTERM');
      expect((await server.ended).code).toBe(0);
      expect(running).toEqual(alone);
      const codes = running.map((text) => Number(/: (\d+)\n/.exec(text)?.[1]));
      expect(codes).toEqual([0, 0, 66, 0, 0, 64, 0, 66, 0, 66]);
      expect(await fingerprints(served)).toEqual(await fingerprints(still));
    });
  });

  it('takes a removed key out of a running server, and lets it in again when it is unblocked', async () => {
    await inTempFolder(async (data) => {
      const server = await serve(data);
      const [certificate = Buffer.alloc(0)] = certificates;
      expect((await push(server.url, certificate)).status).toBe(200);
      const { readKeyring } = await import('../../../src/openpgp/keyring.ts');
      const { fingerprintOf } = await import('../../../src/openpgp/fingerprint.ts');
      const subkey = readKeyring(certificate).certificates[0]?.subkeys[0]?.packet;
      if (subkey === undefined) throw new Error('a subkey wanted');
      const fingerprint = fingerprintOf(4, subkey.body);
      const lookup = `${server.url}/pks/lookup?op=get&search=0x${fingerprint}`;
      expect((await fetch(lookup)).status).toBe(200);
      expect((await vouch(['keystore', 'remove', fingerprint, '--data', data])).code).toBe(0);
      expect((await fetch(lookup)).status).toBe(404);
      expect((await push(server.url, certificate)).status).toBe(403);
      const { stdout } = await vouch(['keystore', 'blocked', '--json', '--data', data]);
      // The subkey, and the certificate that was taken out because of it.
      const blocked = JSON.parse(stdout.toString()) as { fingerprint: string }[];
      expect(blocked).toHaveLength(2);
      for (const { fingerprint: one } of blocked) {
        expect((await vouch(['keystore', 'unblock', one, '--data', data])).code).toBe(0);
      }
      expect((await push(server.url, certificate)).status).toBe(200);
      server.process.kill('SIGTERM');
      await server.ended;
    });
  });

  it('restores a backup made under a running server: certificates, tombstones, tokens and change log', async () => {
    await inTempFolder(async (folder) => {
      const data = join(folder, 'data');
      const server = await serve(data);
      for (const certificate of certificates) await push(server.url, certificate);
      const file = join(folder, 'one.backup');
      const add = await vouch(['keystore', 'token', 'add', 'ann', '--data', data]);
      expect(add.code).toBe(0);
      await vouch(['keystore', 'block', 'A'.repeat(40), '--reason', 'why', '--data', data]);
      const backup = await vouch(['keystore', 'backup', file, '--data', data, '--json']);
      expect(JSON.parse(backup.stdout.toString())).toMatchObject({
        certificates: 3,
        tombstones: 1,
        changes: 4,
      });
      server.process.kill('SIGTERM');
      await server.ended;
      const restored = join(folder, 'restored');
      expect((await vouch(['keystore', 'restore', file, '--data', restored])).code).toBe(0);
      for (const word of ['dump', 'blocked', 'token list']) {
        const [one, other] = await Promise.all(
          [data, restored].map((place) => vouch(['keystore', ...word.split(' '), '--data', place])),
        );
        expect(one?.stdout.length).toBeGreaterThan(0);
        expect(other?.stdout.equals(one?.stdout ?? Buffer.alloc(0))).toBe(true);
      }
      const status = await vouch(['keystore', 'status', '--json', '--data', restored]);
      expect(JSON.parse(status.stdout.toString())).toMatchObject({
        certificates: 3,
        changes: 4,
        tombstones: 1,
      });
      // A second time there is a store.
      expect((await vouch(['keystore', 'restore', file, '--data', restored])).code).toBe(78);
    });
  });

  it('restores nothing of a damaged backup', async () => {
    await inTempFolder(async (folder) => {
      const data = join(folder, 'data');
      const ring = join(folder, 'ring.pgp');
      await writeFile(ring, Buffer.concat(certificates));
      await vouch(['keystore', 'load', ring, '--data', data]);
      const file = join(folder, 'one.backup');
      expect((await vouch(['keystore', 'backup', file, '--data', data])).code).toBe(0);
      const octets = await readFile(file);
      octets.writeUInt8(octets.readUInt8(200) ^ 1, 200);
      await writeFile(file, octets);
      const restored = join(folder, 'restored');
      const { code, stderr } = await vouch(['keystore', 'restore', file, '--data', restored]);
      expect(code).toBe(65);
      expect(stderr).toContain('damaged');
      expect((await vouch(['keystore', 'status', '--data', restored])).code).toBe(66);
      expect((await vouch(['keystore', 'restore', join(folder, 'none'), '--data', restored])).code).toBe(66);
    });
  });

  it('takes changed settings on SIGHUP, names what needs a restart, and keeps the old ones when they are wrong', async () => {
    await inTempFolder(async (folder) => {
      const config = join(folder, 'server.toml');
      const data = join(folder, 'data');
      await writeFile(config, '[access]\nmode = "open"\n');
      const server = await serve(data, ['--config', config]);
      const [certificate = Buffer.alloc(0)] = certificates;
      expect((await push(server.url, certificate)).status).toBe(200);
      await writeFile(config, 'metrics_listen = "127.0.0.1:0"\n[access]\nmode = "closed"\n');
      const reload = await vouch(['keystore', 'reload', '--data', data, '--config', config]);
      expect(reload.stdout.toString()).toBe(
        'Changed: access.\nmetrics_listen changes with the next start.\n',
      );
      expect((await push(server.url, certificate)).status).toBeGreaterThanOrEqual(401);
      await writeFile(config, '[access]\nmode = "nobody"\n');
      server.process.kill('SIGHUP');
      // Before the file is put right: the server must have read it while it was wrong.
      await server.seen(/the old ones stay/, 'stderr');
      expect((await push(server.url, certificate)).status).toBeGreaterThanOrEqual(401);
      await writeFile(config, '[access]\nmode = "open"\n');
      server.process.kill('SIGHUP');
      await expect
        .poll(async () => (await push(server.url, certificate)).status, { timeout: 20_000 })
        .toBe(200);
      server.process.kill('SIGTERM');
      const { code, stderr } = await server.ended;
      expect(code).toBe(0);
      expect(stderr).toContain('"changed":"access","msg":"reloaded"');
    });
  });

  it('says that a server has to run for a reload', async () => {
    await inTempFolder(async (folder) => {
      const ring = join(folder, 'ring.pgp');
      await writeFile(ring, Buffer.concat(certificates));
      await vouch(['keystore', 'load', ring, '--data', folder]);
      const { code, stderr } = await vouch(['keystore', 'reload', '--data', folder]);
      expect(code).toBe(30);
      expect(stderr).toContain('no server runs');
    });
  });

  it('serves without an admin socket where the path is too long for one', async () => {
    await inTempFolder(async (folder) => {
      const data = join(folder, 'x'.repeat(120));
      await mkdir(data, { mode: 0o700 });
      const server = await serve(data);
      expect((await fetch(`${server.url}/healthz`)).status).toBe(200);
      const { code } = await vouch(['keystore', 'status', '--data', data]);
      expect(code).toBe(78);
      server.process.kill('SIGTERM');
      expect((await server.ended).stderr).toContain('operators are not listened to');
    });
  });
});
