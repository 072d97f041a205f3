import { spawn, spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { chmod, copyFile, mkdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { askUnix } from '../http/ask-unix.ts';
import { inTempFolder, start, vouch } from './vouch.ts';
import type { Started } from './vouch.ts';

const MAIN = fileURLToPath(new URL('../../dist/cli/main.js', import.meta.url));
const IMAGE = fileURLToPath(
  new URL('../../../shared/testdata/sif/sylabs-sif/one-group-signed-pgp.sif', import.meta.url),
);
const HAS_IMAGE = existsSync(IMAGE);
const HAS_PYTHON = spawnSync('python3', ['-V']).status === 0;

const ADMIT_ALL = 'version = 1\nserial = 2\n[defaults]\non_no_match = "admit"\n';
const REFUSE_ALL = 'version = 1\nserial = 3\n';

interface Host {
  readonly folder: string;
  readonly config: string;
  readonly policy: string;
  readonly socket: string;
}

/** The three lines, and a socket that tests of one machine do not share. */
async function inHost<T>(policy: string, use: (host: Host) => Promise<T>): Promise<T> {
  return inTempFolder(async (folder) => {
    const host = {
      folder,
      config: join(folder, 'daemon.toml'),
      policy: join(folder, 'policy.toml'),
      socket: join(folder, 'run/admin.sock'),
    };
    await mkdir(join(folder, 'keys'), { mode: 0o700 });
    const lines = [`state = "${folder}/state"`, `keys = "${folder}/keys"`, 'keystores = []'];
    await writeFile(host.config, lines.join('\n'), { mode: 0o600 });
    await writeFile(host.policy, policy, { mode: 0o600 });
    return use(host);
  });
}

async function daemon({ config, socket }: Host, words: readonly string[] = []): Promise<Started> {
  const started = start(['daemon', '--config', config, '--socket', socket, ...words]);
  expect((await started.seen(/^Vouch daemon: (\S+)$/m))[1]).toBe(socket);
  return started;
}

async function get<T>(socket: string, path: string): Promise<T> {
  return JSON.parse((await askUnix(socket, { path })).text) as T;
}

interface Status {
  readonly ready: boolean;
  readonly policy: { readonly serial: number } | null;
  readonly policy_problem?: { readonly code: string };
}

/** Asks until the answer is as wanted. */
async function statusWith(socket: string, wanted: (status: Status) => boolean): Promise<Status> {
  for (;;) {
    const status = await get<Status>(socket, '/v1/status');
    if (wanted(status)) return status;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

async function stopped(one: Started): Promise<string> {
  one.process.kill('SIGTERM');
  const { code, stderr } = await one.ended;
  expect({ code, stderr: code === 0 ? '' : stderr }).toEqual({ code: 0, stderr: '' });
  return stderr;
}

describe('vouch daemon', () => {
  it('starts with three lines of settings, answers, and stops with exit 0 and nothing left open', async () => {
    await inHost(ADMIT_ALL, async (host) => {
      const running = await daemon(host);
      expect((await stat(host.socket)).mode & 0o777).toBe(0o600);
      expect((await stat(join(host.folder, 'state'))).mode & 0o077).toBe(0);
      expect(await get(host.socket, '/readyz')).toEqual({ ready: true, problems: [] });
      expect((await askUnix(host.socket, { path: '/metrics' })).text).toMatch(
        /^vouch_policy_info\{.*serial="2"\} 1$/m,
      );
      const stderr = await stopped(running);
      expect(existsSync(host.socket)).toBe(false);
      const log = await readFile(join(host.folder, 'state/log/decisions.jsonl'), 'utf8');
      const events = [...log.matchAll(/"event":"([a-z_]+)"/g)].map(([, event]) => event);
      expect(events).toEqual(['policy_loaded', 'started', 'stopped']);
      expect(stderr).toContain('"msg":"stopped"');
      // Its state is free for the next one.
      await stopped(await daemon(host));
    });
  });

  it.skipIf(!HAS_IMAGE)('admits, refuses and tells of it (needs the test images)', async () => {
    await inHost(ADMIT_ALL, async (host) => {
      const running = await daemon(host);
      const image = join(host.folder, 'a b.sif');
      await copyFile(IMAGE, image);
      await chmod(image, 0o644);
      const gate = `/v1/gate?path=${encodeURIComponent(image)}`;
      expect((await askUnix(host.socket, { path: gate })).status).toBe(204);
      await writeFile(host.policy, REFUSE_ALL);
      running.process.kill('SIGHUP');
      await statusWith(host.socket, ({ policy }) => policy?.serial === 3);
      expect(await askUnix(host.socket, { path: gate })).toMatchObject({
        status: 403,
        text: expect.stringMatching(/^10 NO_RULE /) as string,
      });
      const { decisions } = await get<{ decisions: { effective: string; decision_id: string }[] }>(
        host.socket,
        '/v1/decisions',
      );
      expect(decisions.map(({ effective }) => effective)).toEqual(['refuse', 'admit']);
      const id = decisions[0]?.decision_id ?? '';
      expect(await get(host.socket, `/v1/decisions/${id}`)).toMatchObject({ decision_id: id });
      await stopped(running);
    });
  });

  it('AD18 keeps its policy on SIGHUP with a malformed one, and says so', async () => {
    await inHost(ADMIT_ALL, async (host) => {
      const running = await daemon(host);
      await writeFile(host.policy, 'version = ');
      running.process.kill('SIGHUP');
      const bad = await statusWith(host.socket, ({ policy_problem: problem }) => problem !== undefined);
      expect(bad).toMatchObject({
        ready: true,
        policy: { serial: 2 },
        policy_problem: { code: 'BAD_SYNTAX' },
      });
      await writeFile(host.policy, REFUSE_ALL);
      const answer = await askUnix(host.socket, { method: 'POST', path: '/v1/policy/reload' });
      expect(JSON.parse(answer.text)).toMatchObject({ serial: 3 });
      expect(await stopped(running)).toContain('policy reload failed');
    });
  });

  it('AD18 starts with a malformed policy, refuses everything, and heals with a good one', async () => {
    await inHost('version = ', async (host) => {
      const running = await daemon(host);
      await running.seen(/^Not ready: no policy is loaded: /m);
      const ready = await askUnix(host.socket, { path: '/readyz' });
      expect(ready.status).toBe(503);
      const body = { images: [{ path: host.policy }], wait_ms: 1000 };
      const refused = await askUnix(host.socket, { path: '/v1/admit', body });
      expect(JSON.parse(refused.text)).toMatchObject({ effective: 'refuse' });
      await writeFile(host.policy, ADMIT_ALL);
      running.process.kill('SIGHUP');
      await statusWith(host.socket, (status) => status.ready);
      await stopped(running);
    });
  });

  it('AD20 refuses a rollback of the policy over a restart, unless it is told to take it', async () => {
    await inHost(REFUSE_ALL, async (host) => {
      await stopped(await daemon(host));
      await writeFile(host.policy, ADMIT_ALL);
      const refusing = await daemon(host);
      expect((await get<Status>(host.socket, '/v1/status')).policy).toBeNull();
      await stopped(refusing);
      const taking = await daemon(host, ['--allow-rollback']);
      expect((await get<Status>(host.socket, '/v1/status')).policy).toMatchObject({ serial: 2 });
      await stopped(taking);
    });
  });

  it('says in one line why it cannot start, and exits 78', async () => {
    await inHost(ADMIT_ALL, async (host) => {
      const running = await daemon(host);
      const other = join(host.folder, 'other.toml');
      const lines = (await readFile(host.config, 'utf8')).replace('/state"', '/state2"');
      await writeFile(other, `${lines}\n[refresh]\nschedule = "61 * * * *"\n`);
      const failures = [
        // The state, the socket and the schedule.
        await vouch(['daemon', '--config', host.config, '--socket', join(host.folder, 'b.sock')]),
        await vouch(['daemon', '--config', other, '--socket', host.socket]),
        await vouch(['daemon', '--config', join(host.folder, 'none.toml')]),
      ];
      expect(failures.map(({ code }) => code)).toEqual([78, 78, 78]);
      expect(failures.map(({ stdout }) => stdout.toString())).toEqual(['', '', '']);
      expect(failures[1]?.stderr).toContain('refresh.schedule');
      await writeFile(other, lines);
      const busy = await vouch(['daemon', '--config', other, '--socket', host.socket]);
      expect(busy).toMatchObject({ code: 78, stderr: expect.stringContaining(host.socket) as string });
      await stopped(running);
    });
  });

  it.skipIf(!HAS_PYTHON)('listens on a socket that was opened for it (needs python3)', async () => {
    await inHost(ADMIT_ALL, async (host) => {
      const inherited = join(host.folder, 'inherited.sock');
      const script = `
import os, socket, sys
s = socket.socket(socket.AF_UNIX)
s.bind(sys.argv[1]); s.listen()
fd = os.dup(s.fileno())
if fd != 3: os.dup2(fd, 3)
os.set_inheritable(3, True)
env = dict(os.environ, LISTEN_PID=str(os.getpid()), LISTEN_FDS='1')
os.execve(sys.argv[2], sys.argv[2:], env)
`;
      const words = ['daemon', '--config', host.config, '--socket', host.socket];
      const child = spawn('python3', ['-c', script, inherited, process.execPath, MAIN, ...words], {
        env: { PATH: process.env['PATH'] },
      });
      let out = '';
      child.stdout.on('data', (chunk: Buffer) => {
        out += chunk.toString();
      });
      const ended = new Promise((resolve) => child.once('close', resolve));
      while (!out.includes('Vouch daemon: ')) await new Promise((resolve) => setTimeout(resolve, 50));
      expect(await get(inherited, '/readyz')).toMatchObject({ ready: true });
      expect(existsSync(host.socket)).toBe(false);
      child.kill('SIGTERM');
      expect(await ended).toBe(0);
      expect(existsSync(inherited)).toBe(true);
    });
  });
});
