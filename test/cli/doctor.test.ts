import { chmod, mkdir, mkdtemp, realpath, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { makeCertificate } from '../fixtures/test-key.ts';
import { vouch } from './vouch.ts';

interface Finding {
  readonly severity: string;
  readonly code: string;
  readonly subject: string;
  readonly text: string;
}

interface Patient {
  readonly config: string;
  readonly socket: string;
  at(name: string): string;
  /** What doctor says about things in this folder: the rest is the machine that the test runs on. */
  findings(): Promise<{ code: number | null; ok: boolean; own: readonly string[]; all: readonly Finding[] }>;
}

async function newPatient(): Promise<Patient> {
  const folder = await realpath(await mkdtemp(join(tmpdir(), 'vouch-dr-')));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  const at = (name: string): string => join(folder, name);
  for (const name of ['state', 'keys', 'images']) await mkdir(at(name), { mode: 0o700 });
  const { fingerprint } = makeCertificate();
  await writeFile(
    at('policy.toml'),
    `version = 1\n[[signer]]\nname = "a"\nkeys = ["${fingerprint}"]\n[[rule]]\nname = "r"\nscope = "${at('images')}"\nrequire = { set = "a" }\n`,
    { mode: 0o600 },
  );
  const settings = `state = "${at('state')}"\nkeys = "${at('keys')}"\nkeystores = []\npolicy = "${at('policy.toml')}"\nsocket = "${at('s')}"\n`;
  await writeFile(at('daemon.toml'), settings, { mode: 0o600 });
  return {
    config: at('daemon.toml'),
    socket: at('s'),
    at,
    findings: async () => {
      const words = ['doctor', '--json', '--config', at('daemon.toml')];
      const { code, stdout, stderr } = await vouch(words, { env: { HOME: folder } });
      if (stdout.length === 0) throw new Error(stderr);
      const { ok, findings } = read(stdout.toString());
      const own = findings.filter(({ subject }) => subject.startsWith(folder)).map((one) => one.code);
      return { code, ok, own, all: findings };
    },
  };
}

function read(text: string): { ok: boolean; findings: readonly Finding[] } {
  // oxlint-disable-next-line no-unsafe-type-assertion -- what is tested is that it has this shape
  return JSON.parse(text) as { ok: boolean; findings: readonly Finding[] };
}

/** A daemon that says only whether it is ready. */
async function daemon(socket: string, status: number, body: string): Promise<void> {
  const server = createServer((request, response) => {
    response.writeHead(request.url === '/readyz' ? status : 404).end(body);
  });
  await new Promise<void>((resolve) => {
    server.listen(socket, resolve);
  });
  await chmod(socket, 0o600);
  onTestFinished(() => {
    server.close();
  });
}

describe('vouch doctor', () => {
  it('finds nothing wrong with a daemon that is ready', async () => {
    const patient = await newPatient();
    await daemon(patient.socket, 200, '{}');
    const { own, all } = await patient.findings();
    expect(own).toContain('DAEMON_READY');
    expect(own).toContain('FOLDER_BINDING');
    const errors = all.filter(({ severity }) => severity === 'error').map(({ subject }) => subject);
    expect(errors.filter((subject) => subject.startsWith(patient.at('')))).toEqual([]);
  });

  it('ends with 10 when nobody answers', async () => {
    const { code, ok, own } = await (await newPatient()).findings();
    expect([code, ok]).toEqual([10, false]);
    expect(own).toContain('DAEMON_SILENT');
  });

  it('says why a daemon is not ready', async () => {
    const patient = await newPatient();
    await daemon(patient.socket, 503, '{"ready":false,"problems":["no policy"]}');
    const { code, all } = await patient.findings();
    expect(code).toBe(10);
    expect(all.find((one) => one.code === 'DAEMON_NOT_READY')?.text).toContain('no policy');
  });

  it('finds what others could change or read', async () => {
    const patient = await newPatient();
    await daemon(patient.socket, 200, '{}');
    await chmod(patient.socket, 0o666);
    await chmod(patient.at('state'), 0o755);
    await chmod(patient.at('keys'), 0o777);
    await chmod(patient.at('policy.toml'), 0o666);
    const { own } = await patient.findings();
    for (const code of ['SOCKET_OPEN', 'STATE_OPEN', 'KEYS_WRITABLE', 'POLICY_WRITABLE', 'POLICY_INVALID']) {
      expect(own).toContain(code);
    }
  });

  it('finds a policy that a daemon could not load', async () => {
    const patient = await newPatient();
    await writeFile(patient.at('policy.toml'), 'version = 2\n');
    const { own, all } = await patient.findings();
    expect(own).toContain('POLICY_INVALID');
    expect(all.find(({ code }) => code === 'POLICY_INVALID')?.text).toContain('version');
  });

  it('prints the worst first, with what to do, and counts', async () => {
    const patient = await newPatient();
    const { code, stdout } = await vouch(['doctor', '--config', patient.config]);
    const lines = stdout.toString().trimEnd().split('\n');
    expect(code).toBe(10);
    expect(lines[0]).toMatch(/^ERROR {3}[A-Z_]+ {2}/);
    expect(lines.at(-1)).toMatch(/^\d+ errors?, \d+ warnings?$/);
    expect(lines.join('\n')).toContain('fix: start it');
  });

  it('ends with 78 when the settings cannot be read', async () => {
    const { code } = await vouch(['doctor', '--config', '/gone/daemon.toml']);
    expect(code).toBe(78);
  });
});
