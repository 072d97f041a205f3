import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { endOf } from '../../../src/cli/keystore/token-end.ts';
import { newCertificate } from '../certificates.ts';
import { inTempFolder, serve, vouch, type Ended } from '../vouch.ts';

const NOW = Date.UTC(2026, 0, 1);
const DAY = 86_400_000;

describe('the end of a token', () => {
  it.each([
    ['12h', DAY / 2],
    ['90d', 90 * DAY],
    ['8W', 56 * DAY],
    ['1y', 365 * DAY],
    ['2026-01-01', DAY],
    ['2026-12-31', 365 * DAY],
  ])('%s is that much from now, or the end of that day', (text, after) => {
    expect(endOf(text, NOW)).toBe(NOW + after);
  });

  it.each([
    '',
    '0d',
    '-1d',
    '90',
    'd',
    '1.5d',
    '2025-12-31',
    '2026-02-30',
    '2026-13-01',
    '999999y',
    'tomorrow',
  ])('%j is refused', (text) => {
    expect(() => endOf(text, NOW)).toThrow(expect.objectContaining({ code: 'USAGE' }));
  });
});

type Token = (...words: string[]) => Promise<Ended>;

async function onStore(use: (token: Token, folder: string) => Promise<void>): Promise<void> {
  await inTempFolder((folder) =>
    use((...words) => vouch(['keystore', 'token', ...words, '--data', join(folder, 'data')]), folder),
  );
}

describe('vouch keystore token', () => {
  it('makes a token alone on stdout, lists it without its secret, and revokes it', async () => {
    await onStore(async (token) => {
      const made = await token('add', '--domain', 'example.org', '--expires', '90d', 'build host');
      expect(made.code).toBe(0);
      const text = made.stdout.toString();
      expect(text).toMatch(/^vouch_[0-9a-f]{16}_[0-9a-f]{64}\n$/);
      expect(made.stderr).not.toContain(text.slice(-65, -1));
      const list = await token('list');
      expect(list.stdout.toString()).toMatch(/push +good .*build host {2}@example\.org/);
      expect(list.stdout.toString()).not.toContain(text.slice(-65, -1));
      const id = text.slice(6, 22);
      const revoked = await token('revoke', id);
      expect([revoked.code, revoked.stdout.toString()]).toEqual([
        0,
        `The token ${id} of build host is revoked.\n`,
      ]);
      expect((await token('list')).stdout.toString()).toMatch(/push +revoked /);
    });
  });

  it('answers in JSON', async () => {
    await onStore(async (token) => {
      const made = JSON.parse((await token('add', 'ci', '--role', 'admin', '--json')).stdout.toString());
      expect(made).toMatchObject({ name: 'ci', role: 'admin', state: 'good', expires: null, lastUsed: null });
      const { token: text, ...rest } = made as { token: string };
      expect(text).toMatch(/^vouch_/);
      expect(JSON.parse((await token('list', '--json')).stdout.toString())).toEqual([rest]);
    });
  });

  it('refuses what is no token, no rule and no end', async () => {
    await onStore(async (token) => {
      await token('add', 'ci');
      const codes = async (...words: string[]): Promise<number | null> => (await token(...words)).code;
      expect(await codes('revoke', 'f'.repeat(16))).toBe(66);
      expect(await codes('add', 'ci', '--expires', 'yesterday')).toBe(64);
      expect(await codes('add', 'ci', '--email', 'alice')).toBe(64);
      expect(await codes('add', 'ci', '--role', 'root')).toBe(64);
      expect(await codes('add')).toBe(64);
    });
  });

  it('does not make a store to list what is not there', async () => {
    await onStore(async (token) => expect((await token('list')).code).toBe(66));
  });

  it('A7 leaves no token in what a running server writes, whatever is sent to it', async () => {
    await inTempFolder(async (folder) => {
      const data = join(folder, 'data');
      const config = join(folder, 'server.toml');
      await mkdir(data);
      await writeFile(config, 'log_level = "debug"\n[access]\nmode = "token"\n');
      const made = await vouch(['keystore', 'token', 'add', 'ci', '--data', data]);
      const text = made.stdout.toString().trim();
      const server = await serve(data, ['--config', config]);
      onTestFinished(() => void server.process.kill('SIGKILL'));
      const body = Buffer.from((await newCertificate('Alice')).certificate);
      const push = async (path: string, headers: Record<string, string>): Promise<number> => {
        const type = { 'Content-Type': 'application/pgp-keys', ...headers };
        return (await fetch(server.url + path, { method: 'POST', body, headers: type })).status;
      };
      const basic = Buffer.from(`ci:${text}`).toString('base64');
      expect(await push('/pks/add', {})).toBe(401);
      expect(await push('/pks/add', { Authorization: `Bearer ${text.slice(0, -1)}0x` })).toBe(401);
      expect(await push(`/pks/add?token=${text}`, {})).toBe(400);
      expect(await push(`/${text}`, {})).toBe(400);
      expect(await push('/pks/add', { Authorization: `Basic ${basic}` })).toBe(200);
      expect(await push('/pks/v2/certs', { Authentication: `Bearer ${text}` })).toBe(200);
      server.process.kill('SIGTERM');
      const { stdout, stderr } = await server.ended;
      const written = stdout.toString() + stderr;
      expect(written).toContain('certificate accepted');
      expect(written).toContain('/[token]');
      for (const secret of [text.slice(-64, -2), basic]) expect(written).not.toContain(secret);
    });
  });
});
