import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { loadServerConfig } from '../../src/config/load-server-config.ts';
import type { ServerConfig } from '../../src/config/server-config.ts';
import { serveKeystore } from '../../src/server/serve.ts';

const parts = {
  log: { debug: () => undefined, info: () => undefined, warn: () => undefined, error: () => undefined },
  now: () => Date.parse('2026-01-01T00:00:00Z'),
  version: '1.2.3',
};

let data: string;

beforeEach(async () => {
  data = await mkdtemp(join(tmpdir(), 'vouch-serve-'));
});

afterEach(async () => {
  await rm(data, { recursive: true, force: true });
});

const configured = (listen = '127.0.0.1:0'): ServerConfig =>
  loadServerConfig({ flags: { listen, data }, environment: {} });

describe('serveKeystore', () => {
  it('serves the store of the data folder until it is stopped', async () => {
    const server = await serveKeystore(configured(), parts);
    expect(server).toMatchObject({ store: join(data, 'keystore'), certificates: 0 });
    expect(await (await fetch(`${server.url}/version`)).json()).toEqual({ data: { version: 'v1.2.3' } });
    await Promise.all([server.stop(), server.stop()]);
    await expect(fetch(`${server.url}/version`)).rejects.toThrow(TypeError);
  });

  it('shows pages to browsers', async () => {
    const server = await serveKeystore(configured(), parts);
    const page = await fetch(server.url, { headers: { Accept: 'text/html' } });
    expect(page.headers.get('Content-Type')).toContain('text/html');
    expect((await fetch(`${server.url}/style.css`)).status).toBe(200);
    await server.stop();
  });

  it('hands the limits, the page size and the rate limits of the settings on', async () => {
    const config = configured();
    const server = await serveKeystore(
      {
        ...config,
        limits: { ...config.limits, uploadOctets: 2048 },
        rateLimits: { ...config.rateLimits, exempt: [], lookups: { requests: 2, seconds: 60 } },
      },
      parts,
    );
    const large = await fetch(`${server.url}/pks/add`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/pgp-keys' },
      body: Buffer.alloc(20_000, 0x99),
    });
    expect(large.status).toBe(413);
    const statuses: number[] = [];
    for (let i = 0; i < 3; i += 1) statuses.push((await fetch(`${server.url}/pks/lookup?op=stats`)).status);
    expect(statuses).toEqual([200, 200, 429]);
    await server.stop();
  });

  it('lets go of the store when it cannot listen', async () => {
    const first = await serveKeystore(configured(), parts);
    const taken = first.url.replace('http://', '');
    const other = join(data, 'other');
    await expect(serveKeystore({ ...configured(taken), data: other }, parts)).rejects.toMatchObject({
      code: 'ADDRESS_IN_USE',
    });
    const second = await serveKeystore({ ...configured(), data: other }, parts);
    await expect(serveKeystore(configured(), parts)).rejects.toMatchObject({ code: 'LOCKED' });
    await Promise.all([first.stop(), second.stop()]);
  });
});
