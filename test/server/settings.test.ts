import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { loadServerConfig } from '../../src/config/load-server-config.ts';
import type { ServerConfig } from '../../src/config/server-config.ts';
import { refusingWeak } from '../../src/server/weak-refusal.ts';
import type { SubmitOptions } from '../../src/hkp/submission.ts';
import { parseCertificate } from '../../src/openpgp/certificate.ts';
import { keptSettings, settingsChange } from '../../src/server/settings-change.ts';
import { serveKeystore } from '../../src/server/serve.ts';
import { recordingLog } from '../hkp/harness.ts';
import { newCertificates } from '../cli/certificates.ts';

const defaults = (): ServerConfig => loadServerConfig({ flags: { listen: '127.0.0.1:0' }, environment: {} });

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'vouch-settings-'));
});

afterEach(async () => {
  await rm(folder, { recursive: true, force: true });
});

describe('settingsChange', () => {
  it('knows every setting', () => {
    const old = defaults();
    for (const key of Object.keys(old)) {
      const { changed, needRestart } = settingsChange(old, { ...old, [key]: 'other' });
      expect([...changed, ...needRestart]).toHaveLength(1);
    }
  });

  it('cannot begin or end TLS while the server runs, but renew it', () => {
    const plain = defaults();
    const tls = { ...plain, tls: { certificate: 'a', key: 'b' } };
    expect(settingsChange(plain, tls)).toEqual({ changed: [], needRestart: ['tls'] });
    expect(keptSettings(plain, tls).tls).toBeUndefined();
    expect(settingsChange(tls, plain).needRestart).toEqual(['tls']);
    expect(keptSettings(tls, plain).tls).toEqual(tls.tls);
    const renewed = { ...plain, tls: { certificate: 'c', key: 'd' } };
    expect(settingsChange(tls, renewed)).toEqual({ changed: ['tls'], needRestart: [] });
  });
});

describe('a server', () => {
  it('tells metrics on a listener of its own, and nothing that a client chose in them', async () => {
    const config = { ...defaults(), data: folder, metricsListen: { host: '127.0.0.1', port: 0 } };
    const parts = { log: recordingLog([]), now: Date.now, version: '1' };
    const server = await serveKeystore(config, parts);
    await fetch(`${server.url}/pks/lookup?op=get&search=0xCAFECAFECAFECAFE`);
    await fetch(`${server.url}/secret-path`);
    await fetch(`${server.url}/pks/add`, { method: 'POST', body: new URLSearchParams({ keytext: 'x' }) });
    const text = await (await fetch(server.metricsUrl ?? '')).text();
    expect(text).toContain('vouch_keystore_requests_total{route="/pks/lookup",method="GET",status="404"} 1');
    expect(text).toContain('vouch_keystore_requests_total{route="none",method="GET",status="404"} 1');
    expect(text).toContain('vouch_keystore_certificates 0');
    expect(text).toMatch(/^vouch_keystore_bytes [1-9]/m);
    expect(text).not.toMatch(/secret-path|CAFE/);
    expect((await fetch(`${server.url}/metrics`)).status).toBe(404);
    await server.stop();
  });

  it('hands new settings to connections that stay', async () => {
    const levels: string[] = [];
    const old: ServerConfig = { ...defaults(), data: folder };
    let next: ServerConfig = old;
    const server = await serveKeystore(old, {
      log: recordingLog([]),
      now: Date.now,
      version: '1',
      loadConfig: () => next,
      setLogLevel: (level) => levels.push(level),
    });
    const lookup = (): Promise<Response> => fetch(`${server.url}/pks/lookup?op=stats`);
    expect((await lookup()).status).toBe(200);
    const rateLimits = { ...old.rateLimits, exempt: [], lookups: { requests: 1, seconds: 60 } };
    next = { ...old, rateLimits, logLevel: 'warn', data: 'elsewhere' };
    expect(await server.reload()).toEqual({
      changed: ['log_level', 'rate_limits'],
      needRestart: ['data'],
    });
    expect([(await lookup()).status, (await lookup()).status]).toEqual([200, 429]);
    expect(levels).toEqual(['warn']);
    next = { ...next, rateLimits: { ...rateLimits, exempt: ['nonsense'] } };
    await expect(server.reload()).rejects.toMatchObject({ code: 'BAD_NETWORK' });
    next = { ...next, rateLimits, jobs: { ...old.jobs, compact: '99 99 * * *' } };
    await expect(server.reload()).rejects.toMatchObject({ code: 'BAD_VALUE' });
    await server.stop();
  });
});

describe('refusingWeak', () => {
  it('lets only revocations of a weak key through, and leaves strong keys to whoever decides', async () => {
    const { generateKey, config } = await import('openpgp');
    const weak = await generateKey({
      type: 'rsa',
      rsaBits: 1024,
      userIDs: [{ name: 'weak' }],
      format: 'binary',
      config: { ...config, minRSABits: 1024 },
    });
    const [strong = Buffer.alloc(0)] = await newCertificates(1);
    let asked: SubmitOptions | undefined;
    const submit = refusingWeak(async (_keyring, options) => {
      asked = options;
      return Promise.resolve({ accepted: [], refused: [] });
    });
    await submit(Buffer.alloc(0), { noModification: false });
    const { pusher } = asked ?? {};
    expect(await pusher?.permits(parseCertificate(weak.publicKey))).toMatchObject({ kind: 'revocations' });
    expect(await pusher?.permits(parseCertificate(strong))).toEqual({ kind: 'all' });
    const none = { kind: 'none', reason: 'closed' } as const;
    await submit(Buffer.alloc(0), {
      noModification: false,
      pusher: { name: 'x', permits: () => Promise.resolve(none) },
    });
    expect(asked?.pusher?.name).toBe('x');
    expect(await asked?.pusher?.permits(parseCertificate(weak.publicKey))).toEqual(none);
  });
});
