import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { describe, expect, it, onTestFinished } from 'vitest';
import { loadServerConfig } from '../../src/config/load-server-config.ts';
import { serveKeystore } from '../../src/server/serve.ts';
import { makeCertificate } from '../fixtures/test-key.ts';
import { NOW, recordingLog } from '../hkp/harness.ts';
import { startMailServer, tokenIn, type MailServer } from '../mail/mail-server.ts';

const alice = makeCertificate();

async function serve(mail: MailServer, proof: string) {
  const data = await mkdtemp(join(tmpdir(), 'vouch-mail-'));
  onTestFinished(() => rm(data, { recursive: true, force: true }));
  const config = join(data, 'server.toml');
  const lines = [
    'public_url = "https://keys.example.org"',
    '[mail]',
    `server = "smtp://127.0.0.1:${mail.settings.port}"`,
    'from = "keys@keys.example.org"',
    `proof = "${proof}"`,
  ];
  await writeFile(config, lines.join('\n'));
  const flags = { config, data: join(data, 'data'), listen: '127.0.0.1:0' };
  const server = await serveKeystore(loadServerConfig({ flags, environment: {} }), {
    log: recordingLog([]),
    now: () => NOW * 1000,
    version: '1.2.3',
  });
  onTestFinished(() => server.stop());
  return server;
}

const push = (url: string): Promise<Response> =>
  fetch(`${url}/pks/add`, { method: 'POST', body: new URLSearchParams({ keytext: alice.armored }) });

describe('a keystore with a mail server in its settings', () => {
  it('lets keys wait for proofs on its store on disk, and shows who proved what', async () => {
    const mail = await startMailServer();
    const { url } = await serve(mail, 'required');
    expect((await push(url)).status).toBe(403);
    while (mail.mails.length === 0) await delay(5);
    const [received] = mail.mails;
    if (received === undefined) throw new Error('no mail came');
    const body = new URLSearchParams({ token: tokenIn(received), fingerprint: alice.fingerprint });
    expect((await fetch(`${url}/prove`, { method: 'POST', body })).status).toBe(200);
    expect((await fetch(`${url}/pks/lookup?op=get&search=0x${alice.fingerprint}`)).status).toBe(200);
    const page = await fetch(`${url}/key/${alice.fingerprint}`, { headers: { Accept: 'text/html' } });
    expect(await page.text()).toMatch(/prove[nd]/);
    const proofs = await fetch(`${url}/vouch/v1/proofs/${alice.fingerprint}`);
    expect(await proofs.json()).toMatchObject({ proven: [{ address: 'alice@example.org' }] });
  });

  it('stores keys at once where proofs are only offered, and mails when it is asked', async () => {
    const mail = await startMailServer();
    const { url } = await serve(mail, 'offered');
    expect((await push(url)).status).toBe(200);
    expect(mail.mails).toEqual([]);
    const headers = { 'Content-Type': 'text/plain' };
    await fetch(`${url}/pks/v2/sendtoken`, { method: 'POST', body: 'alice@example.org', headers });
    while (mail.mails.length === 0) await delay(5);
    expect(mail.mails[0]?.to).toEqual(['alice@example.org']);
  });
});
