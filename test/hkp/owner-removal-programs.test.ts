/* Removals signed by the programs that people have: this one and gpg. */
import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, it, onTestFinished } from 'vitest';
import { serializeCertificate } from '../../src/openpgp/certificate.ts';
import { generateSecretKey } from '../../src/openpgp/generate.ts';
import { signCleartext } from '../../src/openpgp/sign-cleartext.ts';
import { startServer, type TestServer } from './harness.ts';

const HOME = 'https://keys.example.org';

const address = (fingerprint: string): string => `/vouch/v1/removal/${fingerprint}`;

const send = (server: TestServer, fingerprint: string, body: string): Promise<Response> =>
  server.get(address(fingerprint), { method: 'POST', body, headers: { 'Content-Type': 'text/plain' } });

const run = promisify(execFile);
const gpg = await run('gpg', ['--version']).then(
  () => true,
  () => false,
);

describe('programs that sign', () => {
  it('this one does', async () => {
    const now = (): number => Math.floor(Date.parse('2026-01-01') / 1000);
    const server = await startServer({ publicUrl: HOME, now: () => now() * 1000 });
    const secret = await generateSecretKey({
      name: 'Alice',
      comment: '',
      email: 'alice@example.org',
      algorithm: { name: 'ed25519' },
      created: now(),
    });
    const { fingerprint } = await server.hold(serializeCertificate(secret.certificate));
    const challenge = await server.get(address(fingerprint));
    const text = (await challenge.text()).trimEnd();
    const unlocked = await secret.unlock();
    const message = await signCleartext(text, unlocked, { created: now(), hash: 'SHA256' });
    expect((await send(server, fingerprint, message)).status).toBe(200);
  });

  it.skipIf(!gpg)('gpg --clearsign does (skipped without gpg)', async () => {
    const home = await mkdtemp(join(tmpdir(), 'vouch-gpg-'));
    onTestFinished(async () => {
      await run('gpgconf', ['--homedir', home, '--kill', 'all']).catch(() => undefined);
      await rm(home, { recursive: true, force: true });
    });
    const ask = (...given: string[]) =>
      run('gpg', [
        '--homedir',
        home,
        '--batch',
        '--quiet',
        '--pinentry-mode',
        'loopback',
        '--passphrase',
        '',
        ...given,
      ]);
    await ask('--quick-gen-key', 'Alice <alice@example.org>', 'ed25519', 'sign', 'never');
    const { stdout: exported } = await ask('--armor', '--export');
    const server = await startServer({ publicUrl: HOME, now: () => Date.now() });
    const pushed = await server.push(exported);
    const fingerprint = /[0-9A-F]{40}/.exec(await pushed.text())?.[0] ?? '';
    const file = join(home, 'removal.txt');
    await writeFile(file, await (await server.get(address(fingerprint))).text());
    await ask('--clearsign', file);
    const { stdout: message } = await run('cat', [`${file}.asc`]);
    expect((await send(server, fingerprint, message)).status).toBe(200);
    expect(await server.keystore.get(fingerprint)).toBeUndefined();
  });
});
