import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { run, type DoctorServerArguments } from '../../src/cli/doctor-server.ts';
import { startServer } from '../hkp/harness.ts';
import { onPath, startFront } from './doctor-server/front.ts';

let folder: string;
let before: string | undefined;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'vouch-doctor-'));
  before = process.env['SSL_CERT_FILE'];
});

afterEach(async () => {
  if (before === undefined) delete process.env['SSL_CERT_FILE'];
  else process.env['SSL_CERT_FILE'] = before;
  await rm(folder, { recursive: true, force: true });
});

async function doctor(args: Partial<DoctorServerArguments>): Promise<{ code: number; out: string }> {
  let out = '';
  const code = await run(
    { server: 'http://127.0.0.1:9', 'token-file': undefined, search: undefined, json: undefined, ...args },
    { out: async (chunk) => void (out += String(chunk)), err: () => undefined, watched: false, columns: 80 },
  );
  return { code, out };
}

describe('vouch doctor --server', () => {
  it('ends with 69 when nobody answers', async () => {
    const { code, out } = await doctor({});
    expect(code).toBe(69);
    expect(out).toMatch(/ERROR {3}UNREACHABLE {2}http:\/\/127\.0\.0\.1:9: cannot reach .*nothing listens/);
  });

  it('ends with 10 for what a client trips over, shows the worst first and what to do', async () => {
    const server = await startServer();
    const { code, out } = await doctor({ server: server.url });
    expect(code).toBe(10);
    const words = out
      .split('\n')
      .filter((line) => /^[A-Z]/.test(line))
      .map((line) => line.split(' ')[0]);
    const order = ['ERROR', 'WARNING', 'NOTE', 'OK'];
    expect(words).toEqual(words.toSorted((a, b) => order.indexOf(a ?? '') - order.indexOf(b ?? '')));
    expect(out).toMatch(/ERROR {3}DISCOVERY .*404[^]*fix: set public_url/);
    expect(out).toMatch(/\n\d+ errors?, \d+ warnings?\n$/);
  });

  it('trusts the authorities that SSL_CERT_FILE names, as clients written in Go do, and tries the token', async () => {
    const front = await startFront();
    const [authorities, token] = [join(folder, 'ca.pem'), join(folder, 'token')];
    await writeFile(authorities, front.authority);
    await writeFile(token, `${front.token}\n`);
    process.env['SSL_CERT_FILE'] = authorities;
    const { out } = await doctor({ server: front.url.href, 'token-file': token, json: true });
    const { findings } = JSON.parse(out) as { findings: { code: string; severity: string; text: string }[] };
    expect(findings).toContainEqual(expect.objectContaining({ code: 'TLS', severity: 'ok' }));
    expect(findings).toContainEqual(
      expect.objectContaining({
        code: 'TOKEN_STATUS',
        severity: 'ok',
        text: '200 for the token that was given',
      }),
    );
    expect(out).not.toContain(front.token);
  });

  it('shows what a server says in letters that leave the terminal alone', async () => {
    const front = await startFront();
    front.meddle = onPath('/version', (response) =>
      response.end(JSON.stringify({ data: { version: '\u001b[2J\u202e' } })),
    );
    const { out } = await doctor({ server: front.url.href });
    expect(out).toContain('\uFFFD[2J\uFFFD');
    expect(out).not.toContain('\u001b');
  });

  it.each([
    ['an address that is none', { server: 'ftp://keys.example.org' }, 'BAD_URL'],
    ['an address with a password', { server: 'https://a:b@keys.example.org' }, 'BAD_URL'],
    ['a file that is not there', { 'token-file': '/nowhere/token' }, 'NO_SUCH_FILE'],
  ])('refuses %s', async (_what, args, code) => {
    await expect(doctor(args)).rejects.toMatchObject({ code });
  });

  it('refuses a file that holds more than a token', async () => {
    const file = join(folder, 'token');
    await writeFile(file, 'two words');
    await expect(doctor({ 'token-file': file })).rejects.toMatchObject({ code: 'USAGE' });
    await writeFile(file, 'x'.repeat(20_000));
    await expect(doctor({ 'token-file': file })).rejects.toMatchObject({ code: 'UNREADABLE_FILE' });
  });
});
