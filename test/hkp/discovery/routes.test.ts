import { randomBytes } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { bearsToken } from '../../../src/access/bears-token.ts';
import type { PushMode } from '../../../src/access/push-control.ts';
import { createTokens, type MadeToken } from '../../../src/access/tokens.ts';
import { MemoryKeystore } from '../../../src/keystore/memory.ts';
import type { KeystoreAppParts } from '../../../src/server/app.ts';
import { errorOf, NOW, startServer, type TestServer } from '../harness.ts';

const LIST = '/assets/config/config.prod.json';

async function discoverable(
  parts: Partial<KeystoreAppParts> & { library?: string; mode?: PushMode } = {},
): Promise<{ server: TestServer; good: MadeToken; revoked: MadeToken; expired: MadeToken }> {
  const { library, mode = 'token', ...others } = parts;
  const now = (): number => NOW * 1000;
  const keystore = new MemoryKeystore({ now });
  const tokens = createTokens(keystore, { now, random: randomBytes });
  const old = createTokens(keystore, { now: () => now() - 10_000, random: randomBytes });
  const order = { name: 'ci', role: 'push', rules: { fingerprints: [], emails: [], domains: [] } } as const;
  const revoked = await tokens.add(order);
  await tokens.revoke(revoked.record.id);
  const server = await startServer({
    keystore,
    publicUrl: 'https://keys.example.org',
    discovery: { mode: () => mode, bearsToken: (ctx) => bearsToken(ctx, tokens), library },
    ...others,
  });
  const expired = await old.add({ ...order, expires: now() - 1 });
  return { server, good: await tokens.add(order), revoked, expired };
}

describe('the list of services', () => {
  it('is an object of objects alone, with addresses that do not end in a slash', async () => {
    const { server } = await discoverable();
    const answer = await server.get(LIST);
    expect(answer.headers.get('content-type')).toBe('application/json');
    const list = (await answer.json()) as Record<string, { uri: string }>;
    expect(list).toEqual({
      keystoreAPI: { uri: 'https://keys.example.org' },
      tokenAPI: { uri: 'https://keys.example.org/token' },
      libraryAPI: { uri: 'https://keys.example.org/library' },
    });
  });

  it('never takes the address from the request', async () => {
    const { server } = await discoverable();
    const headers = { Host: 'evil.example', 'X-Forwarded-Host': 'evil.example' };
    expect(await (await server.get(LIST, { headers })).text()).not.toContain('evil');
  });

  it('names a library elsewhere', async () => {
    const { server } = await discoverable({ library: 'https://library.example.org/' });
    expect(await (await server.get(LIST)).json()).toMatchObject({
      libraryAPI: { uri: 'https://library.example.org' },
    });
  });

  it('is 404 with a reason while the server does not know its address', async () => {
    const { server } = await discoverable({ publicUrl: undefined });
    const answer = await server.get(LIST);
    expect(answer.status).toBe(404);
    expect((await errorOf(answer)).message).toContain('public_url');
  });

  it('has a version under the address of the keystore and of the token service, and none for a library', async () => {
    const { server } = await discoverable();
    for (const path of ['/version', '/token/version']) {
      expect(await (await server.get(path)).json()).toEqual({ data: { version: 'v1.2.3' } });
    }
    // 404 is what Apptainer's "remote status" bears from a library.
    expect((await server.get('/library/version')).status).toBe(404);
  });

  it('answers under the path of the public address too', async () => {
    const { server } = await discoverable({ publicUrl: 'https://example.org/keys' });
    expect(await (await server.get(`/keys${LIST}`)).json()).toMatchObject({
      tokenAPI: { uri: 'https://example.org/keys/token' },
    });
    for (const path of [
      LIST,
      '/keys/version',
      '/keys/token/version',
      '/token/version',
      '/keys/auth/tokens',
    ]) {
      expect((await server.get(path)).status).toBe(200);
    }
    expect((await server.get('/keys/token/v1/token-status')).status).toBe(404);
  });
});

describe('the token service', () => {
  const status = async (
    server: TestServer,
    authorization?: string,
    path = '/token/v1/token-status',
  ): Promise<number> =>
    (await server.get(path, authorization === undefined ? {} : { headers: { Authorization: authorization } }))
      .status;

  it('says 200 for a good token, in any spelling of the scheme', async () => {
    const { server, good } = await discoverable();
    for (const scheme of ['Bearer', 'BEARER', 'bearer']) {
      expect(await status(server, `${scheme} ${good.text}`)).toBe(200);
    }
    expect(await status(server, `Bearer ${good.text}`, '/v1/token-status')).toBe(200);
  });

  it('says 404 for every other, which clients show as invalid credentials', async () => {
    const { server, good, revoked, expired } = await discoverable();
    const wrong = `${good.text.slice(0, -1)}${good.text.endsWith('0') ? '1' : '0'}`;
    for (const text of [wrong, revoked.text, expired.text, 'nonsense', '']) {
      expect(await status(server, `Bearer ${text}`)).toBe(404);
    }
    expect(await status(server)).toBe(404);
    expect(await status(server, 'Digest x')).toBe(404);
  });

  it('is never kept by a cache, and puts no token into the log', async () => {
    const { server, good } = await discoverable();
    const headers = { Authorization: `Bearer ${good.text}` };
    for (const init of [{ headers }, {}]) {
      const answer = await server.get('/token/v1/token-status', init);
      expect(answer.headers.get('cache-control')).toBe('no-store');
    }
    expect(JSON.stringify(server.lines)).not.toContain(good.text.slice(-20));
  });
});

describe('the page about tokens', () => {
  it.each(['open', 'token', 'owner', 'closed'] as const)('says who may push in the mode %s', async (mode) => {
    const { server } = await discoverable({ mode });
    const text = await (await server.get('/auth/tokens')).text();
    expect(text).toMatch(
      { open: /no token/, token: /takes a token/, owner: /these keys/, closed: /administrators/ }[mode],
    );
  });

  it('is a page for a browser', async () => {
    const { server } = await discoverable();
    const page = await server.get('/auth/tokens', { headers: { Accept: 'text/html' } });
    expect(page.headers.get('content-type')).toContain('text/html');
  });
});
