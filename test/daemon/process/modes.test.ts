/* What is written for nobody else, and who is asked: by the programs as they run. */
import { spawnSync } from 'node:child_process';
import { createServer } from 'node:http';
import type { IncomingHttpHeaders, RequestListener } from 'node:http';
import { lstat, mkdir, readdir, writeFile } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { makeCertificate } from '../../fixtures/test-key.ts';
import { inTempFolder, vouch } from '../../cli/vouch.ts';
import { AttackHost, MAIN } from './attack-host.ts';

const alice = makeCertificate();

/** A shell that gives away every right that a program does not take back. */
const GENEROUS = ['sh', '-c', 'umask 0; exec "$@"', 'sh', process.execPath];

/** Files, folders and sockets that somebody else may get at: nobody gets past a folder that is closed. */
async function openToOthers(path: string): Promise<string[]> {
  const state = await lstat(path);
  if ((state.mode & 0o077) === 0) return [];
  const below = state.isDirectory() ? await readdir(path) : [];
  const found = await Promise.all(below.map((name) => openToOthers(join(path, name))));
  return [`${(state.mode & 0o777).toString(8)} ${path}`, ...found.flat()];
}

describe('whatever the umask', () => {
  it('CVE-2020-25039 CVE-2020-25040: what the daemon keeps, and its socket, are for its user alone', async () => {
    const host = await AttackHost.start({ prefix: () => GENEROUS });
    onTestFinished(() => host.remove());
    await host.trust({ alice });
    expect(await host.admit(await host.signed(alice.key))).toMatchObject({ effective: 'admit' });
    for (const name of ['state', 'state/db', 'state/log', 'state/log/decisions.jsonl', 'run/admin.sock']) {
      expect(await openToOthers(join(host.folder, name))).toEqual([]);
    }
  });

  it('CVE-2019-19724 CVE-2020-25039: folders of keys and what is in them are for their user alone', async () => {
    await inTempFolder(async (folder) => {
      const home = join(folder, 'home');
      await mkdir(home);
      await writeFile(join(folder, 'alice.asc'), alice.armored);
      const words = ['key', 'import', '--keysdir', join(home, 'keys'), join(folder, 'alice.asc')];
      const [program = '', ...args] = GENEROUS;
      const ended = spawnSync(program, [...args, MAIN, ...words], {
        env: { PATH: process.env['PATH'], HOME: home },
      });
      expect([ended.status, ended.stderr.toString()]).toEqual([0, expect.any(String)]);
      expect(await readdir(join(home, 'keys'))).not.toEqual([]);
      expect(await openToOthers(join(home, 'keys'))).toEqual([]);
    });
  });
});

/** A server with one certificate: its address, and the headers of every question. */
async function server(answer: RequestListener): Promise<{ address: string; asked: IncomingHttpHeaders[] }> {
  const asked: IncomingHttpHeaders[] = [];
  const listening = createServer((question, response) => {
    asked.push(question.headers);
    answer(question, response);
  });
  await new Promise<void>((resolve) => listening.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void listening.close());
  return { address: `127.0.0.1:${(listening.address() as AddressInfo).port}`, asked };
}

const pull = (address: string): Promise<number | null> =>
  inTempFolder(async (folder) => {
    const words = ['key', 'pull', '--keysdir', join(folder, 'keys'), '--url', `http://${address}`];
    return (await vouch([...words, alice.fingerprint], { env: { HOME: folder } })).code;
  });

describe('whom the programs ask', () => {
  it('CVE-2021-32635: the keystore that is named, and nobody else', async () => {
    const { address, asked } = await server((_, response) => void response.end(alice.armored));
    expect(await pull(address)).toBe(0);
    expect(new Set(asked.map(({ host }) => host))).toEqual(new Set([address]));
  });

  it('CVE-2022-23538: a redirect elsewhere gets no credentials', async () => {
    const goal = await server((_, response) => void response.end(alice.armored));
    const elsewhere = goal.address.replace('127.0.0.1', 'localhost');
    const named = await server((question, response) => {
      const location = `http://${elsewhere}${question.url ?? ''}`;
      response.writeHead(302, { Location: location, 'Set-Cookie': 'session=secret' }).end();
    });
    expect(await pull(named.address)).toBe(0);
    expect([named.asked.length, goal.asked.length]).toEqual([1, 1]);
    for (const headers of [...named.asked, ...goal.asked]) {
      for (const name of ['authorization', 'cookie', 'referer']) expect(headers).not.toHaveProperty(name);
    }
  });
});
