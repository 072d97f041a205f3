/* Keystores that exchange keys: real processes, real stores, a real schedule. */
import { mkdir, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { makeCertificate } from '../../fixtures/test-key.ts';
import type { TestCertificate } from '../../fixtures/test-key.ts';
import { inTempFolder, push, start, vouch } from '../vouch.ts';
import type { Started } from '../vouch.ts';

const named = (name: string): TestCertificate => makeCertificate([`${name} <${name}@example.org>`]);

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

interface Place {
  readonly data: string;
  readonly url: string;
  readonly start: () => Promise<Started>;
}

/** A keystore on a port that is known before it starts, with settings. */
async function place(folder: string, name: string, port: number, settings: string): Promise<Place> {
  const data = join(folder, name);
  await mkdir(data);
  const config = join(data, 'server.toml');
  await writeFile(config, settings);
  const listen = `127.0.0.1:${port}`;
  return {
    data,
    url: `http://${listen}`,
    start: async () => {
      const started = start(['serve', '--listen', listen, '--data', data, '--config', config]);
      await started.seen(/^Vouch keystore: /m);
      return started;
    },
  };
}

const EACH_SECOND = 'schedule = "* * * * * *"';

async function got(url: string, { fingerprint }: TestCertificate): Promise<string | undefined> {
  const answer = await fetch(`${url}/pks/lookup?op=get&options=mr&search=0x${fingerprint}`);
  return answer.status === 200 ? answer.text() : undefined;
}

async function revokedAt(url: string, { fingerprint }: TestCertificate): Promise<boolean> {
  const answer = await fetch(`${url}/pks/lookup?op=index&options=mr&search=0x${fingerprint}`);
  return answer.status === 200 && /^pub:[^\n]*:r\b/m.test(await answer.text());
}

/** The test's own time limit ends a wait in vain. */
async function until(condition: () => Promise<boolean>): Promise<void> {
  while (!(await condition())) await delay(50);
}

async function stop(...servers: readonly Started[]): Promise<void> {
  for (const { process: child } of servers) child.kill('SIGTERM');
  expect((await Promise.all(servers.map(({ ended }) => ended))).map(({ code }) => code)).toEqual(
    servers.map(() => 0),
  );
}

interface Status {
  readonly changes: number;
  readonly peers: readonly {
    readonly name: string;
    readonly problem: string | null;
    readonly pushedTo: number;
    readonly removedThere: readonly string[];
  }[];
}

async function statusOf({ data }: Place): Promise<Status> {
  const { stdout } = await vouch([
    'keystore',
    'status',
    '--json',
    '--data',
    data,
    '--config',
    join(data, 'server.toml'),
  ]);
  return JSON.parse(stdout.toString()) as Status;
}

describe('two keystores that push to each other', () => {
  it('exchange pushes and revocations both ways, come to rest, and go on after one was away', async () => {
    await inTempFolder(async (folder) => {
      const [portA, portB] = [await freePort(), await freePort()];
      const peer = (port: number): string =>
        `[[peer]]\nname = "other"\nurl = "http://127.0.0.1:${port}"\npush = true\n${EACH_SECOND}\n`;
      const a = await place(folder, 'a', portA, peer(portB));
      const b = await place(folder, 'b', portB, peer(portA));
      const serverA = await a.start();
      let serverB = await b.start();
      const [one, two, three] = [named('one'), named('two'), named('three')];

      await push(a.url, one.bytes);
      await push(b.url, two.bytes);
      await until(async () => (await got(b.url, one)) !== undefined && (await got(a.url, two)) !== undefined);
      await push(b.url, one.key.revoke().raw);
      await push(a.url, two.key.revoke().raw);
      await until(async () => (await revokedAt(a.url, one)) && (await revokedAt(b.url, two)));
      expect(await got(a.url, one)).toBe(await got(b.url, one));

      // Each looked at all of its own log, and nothing came of it.
      const atRest = async (): Promise<boolean> =>
        (await Promise.all([a, b].map(statusOf))).every(
          ({ changes, peers }) => changes === 4 && peers[0]?.pushedTo === 4,
        );
      await until(atRest);

      await stop(serverB);
      await push(a.url, three.bytes);
      await until(async () => (await statusOf(a)).peers[0]?.problem !== null);
      serverB = await b.start();
      await until(async () => (await got(b.url, three)) !== undefined);
      await until(async () => (await statusOf(a)).peers[0]?.problem === null);
      await stop(serverA, serverB);
    });
  });
});

describe('a keystore that asks another for a list', () => {
  it('takes what is listed, and nothing that is blocked here though it is there', async () => {
    await inTempFolder(async (folder) => {
      const [portA, portB] = [await freePort(), await freePort()];
      const [one, two, three] = [named('one'), named('two'), named('three')];
      const a = await place(folder, 'a', portA, '');
      const b = await place(
        folder,
        'b',
        portB,
        `blocked = ["${two.subkey.fingerprint}"]\n[[peer]]\nname = "a"\nurl = "hkp://127.0.0.1:${portA}"\npull = "list"\n` +
          `fingerprints = ["${two.fingerprint}"]\nsearches = ["one@example.org"]\nschedule = "off"\n`,
      );
      const serverA = await a.start();
      for (const { bytes } of [one, two, three]) await push(a.url, bytes);
      const serverB = await b.start();
      const words = [
        'keystore',
        'jobs',
        '--run',
        'peer:a',
        '--data',
        b.data,
        '--config',
        join(b.data, 'server.toml'),
      ];
      const ran = await vouch(words);
      expect(ran).toMatchObject({ code: 0 });
      expect(ran.stdout.toString()).toContain('fetched 2: 1 new, 0 updated, 1 refused');
      expect(await got(b.url, one)).toBe(await got(a.url, one));
      expect(await got(b.url, two)).toBeUndefined();
      expect(await got(b.url, three)).toBeUndefined();
      await stop(serverB);
      // The same by hand on a store that nobody serves.
      expect((await vouch(words)).stdout.toString()).toContain('fetched 2: 0 new, 0 updated, 1 refused');
      await stop(serverA);
    });
  });
});

describe('a keystore that follows the change log of another', () => {
  it('takes over what is pushed there, reports what is removed there and keeps it', async () => {
    await inTempFolder(async (folder) => {
      const [portA, portB] = [await freePort(), await freePort()];
      const [one, two] = [named('one'), named('two')];
      const a = await place(folder, 'a', portA, '');
      const settings = `[[peer]]\nname = "a"\nurl = "http://127.0.0.1:${portA}"\npull = "changes"\npush = true\n`;
      const b = await place(folder, 'b', portB, settings + EACH_SECOND);
      const servers = [await a.start()];
      await push(a.url, one.bytes);
      servers.push(await b.start());
      await until(async () => (await got(b.url, one)) !== undefined);
      await push(b.url, two.bytes);
      await push(b.url, one.key.revoke().raw);
      await until(async () => (await got(a.url, two)) !== undefined && (await revokedAt(a.url, one)));
      const at = ['--data', a.data, '--config', join(a.data, 'server.toml')];
      expect(
        await vouch(['keystore', 'remove', one.fingerprint, '--reason', 'asked for', ...at]),
      ).toMatchObject({
        code: 0,
      });
      await until(async () => (await statusOf(b)).peers[0]?.removedThere.includes(one.fingerprint) === true);
      expect(await revokedAt(b.url, one)).toBe(true);
      expect(await got(a.url, one)).toBeUndefined();
      await stop(...servers);
    });
  });
});
