/* hkp.md 5.1: what does not concern bodies and load. Each case has its id in its name. */
import { describe, expect, it } from 'vitest';
import { ReadyAnswers } from '../../src/hkp/ready-answers.ts';
import { makeCertificate, subpackets } from '../fixtures/test-key.ts';
import { errorOf, rawRequest, startServer } from './harness.ts';

const alice = makeCertificate(['Alice Example <alice@example.org>']);
const ALICE = `/pks/lookup?op=get&options=mr&search=0x${alice.fingerprint}`;

describe('requests', () => {
  it.each([
    ['hit', ALICE],
    ['miss', '/pks/lookup?op=get&search=0x0123456789ABCDEF'],
    ['bad request', '/pks/lookup?op=get&search=0x123'],
    ['index', '/pks/lookup?op=index&options=mr&search=alice'],
    ['v2', `/pks/v2/certs/by-vfingerprint/04${alice.fingerprint}`],
    ['version', '/version'],
    ['no such page', '/nothing'],
  ])('H1 HEAD answers as GET does, without the body: %s', async (_, path) => {
    const server = await startServer();
    await server.hold(alice.bytes);
    const get = await server.get(path);
    const head = await server.get(path, { method: 'HEAD' });
    const body = await get.arrayBuffer();
    expect(head.status).toBe(get.status);
    expect(head.headers.get('content-length')).toBe(String(body.byteLength));
    expect(head.headers.get('content-type')).toBe(get.headers.get('content-type'));
    expect(head.headers.get('etag')).toBe(get.headers.get('etag'));
    expect((await head.arrayBuffer()).byteLength).toBe(0);
  });

  it.each([
    ['/pks/lookup', 'GET'],
    ['/pks/add', 'POST'],
    ['/pks/add/', 'POST'],
    ['/pks/v2/certs', 'POST'],
    ['/version', 'GET'],
  ])('H2 a preflight is answered for %s', async (path, method) => {
    const server = await startServer();
    const answer = await server.get(path, {
      method: 'OPTIONS',
      headers: {
        Origin: 'https://web.example',
        'Access-Control-Request-Method': method,
        'Access-Control-Request-Headers': 'authorization,content-type',
      },
    });
    expect(answer.status).toBe(200);
    expect(answer.headers.get('allow')?.split(', ')).toContain(method);
    expect(answer.headers.get('access-control-allow-origin')).toBe('*');
    expect(answer.headers.get('access-control-allow-methods')).toContain(method);
    expect(answer.headers.get('access-control-allow-headers')?.toLowerCase()).toContain(
      'authorization, content-type',
    );
  });

  it.each([
    ['GET', '/pks/add', 'POST'],
    ['PUT', '/pks/lookup', 'HEAD, GET'],
    ['POST', '/pks/lookup', 'HEAD, GET'],
    ['DELETE', '/pks/lookup', 'HEAD, GET'],
    ['DELETE', '/pks/add', 'POST'],
    ['POST', '/version', 'HEAD, GET'],
  ])('H3 %s %s is 405 and says what is allowed', async (method, path, allowed) => {
    const server = await startServer();
    const answer = await server.get(path, { method });
    expect(answer.status).toBe(405);
    expect(answer.headers.get('allow')).toBe(allowed);
    expect((await errorOf(answer)).code).toBe(405);
  });

  it('H4 a slash at the end is accepted, an empty first segment is not', async () => {
    const server = await startServer();
    await server.hold(alice.bytes);
    const slash = await server.get(ALICE.replace('lookup?', 'lookup/?'));
    expect(slash.status).toBe(200);
    const add = await server.get('/pks/add/', {
      method: 'POST',
      body: new URLSearchParams({ keytext: alice.armored }),
    });
    expect(add.status).toBe(200);
    const doubled = await rawRequest(
      server.port,
      `GET /${ALICE} HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n`,
    );
    expect(doubled).toMatch(/^HTTP\/1.1 404 /);
    expect(doubled).not.toMatch(/^location:/im);
  });

  it('H5 HTTP/1.0 without Host is served whole and closed, also when keep-alive is asked for', async () => {
    const server = await startServer();
    await server.hold(alice.bytes);
    const answer = await rawRequest(server.port, `GET ${ALICE} HTTP/1.0\r\nConnection: keep-alive\r\n\r\n`);
    expect(answer).toMatch(/^HTTP\/1.1 200 /);
    expect(answer).toMatch(/^connection: close\r$/im);
    expect(answer).not.toMatch(/^transfer-encoding:/im);
    expect(answer).toContain('-----END PGP PUBLIC KEY BLOCK-----\n');
  });

  it('H6 the Host header is in no answer and no log line', async () => {
    const server = await startServer();
    await server.hold(alice.bytes);
    for (const path of ['/', '/pks/lookup?op=index&search=alice', '/pks/lookup/', '/nothing']) {
      const answer = await rawRequest(
        server.port,
        `GET ${path} HTTP/1.1\r\nHost: evil.example\r\nAccept: text/html\r\nConnection: close\r\n\r\n`,
      );
      expect(answer).toMatch(/^HTTP\/1.1 /);
      expect(answer).not.toContain('evil.example');
    }
    expect(JSON.stringify(server.lines)).not.toContain('evil.example');
    const split = await rawRequest(server.port, 'GET / HTTP/1.1\r\nHost: a\rb\r\nConnection: close\r\n\r\n');
    expect(split).toMatch(/^HTTP\/1.1 400 /);
  });

  it('H16 an answer is never compressed', async () => {
    const server = await startServer();
    await server.hold(alice.bytes);
    for (const coding of ['identity', 'gzip, deflate, br']) {
      const answer = await server.get(ALICE, { headers: { 'Accept-Encoding': coding } });
      expect(answer.headers.get('content-encoding')).toBeNull();
      expect(await answer.text()).toContain('BEGIN PGP');
    }
  });

  it('H27 a range is not looked at: the whole is sent', async () => {
    const server = await startServer();
    await server.hold(alice.bytes);
    const answer = await server.get(ALICE, { headers: { Range: 'bytes=0-9' } });
    expect(answer.status).toBe(200);
    expect(await answer.text()).toBe(alice.armored);
  });

  it('H28 an unchanged certificate is 304, and a revocation changes the tag', async () => {
    const server = await startServer();
    await server.push(alice.armored);
    const first = await server.get(ALICE);
    const tag = first.headers.get('etag') ?? '';
    expect(tag).toMatch(/^"[\w-]{20,}"$/);
    expect(first.headers.get('cache-control')).toBe('no-cache');
    const again = await server.get(ALICE, {
      headers: { 'If-None-Match': `"other", W/${tag}`, 'Cache-Control': 'max-age=0' },
    });
    expect(again.status).toBe(304);
    expect(await again.text()).toBe('');
    const index = '/pks/lookup?op=index&options=mr&search=alice';
    const indexTag = (await server.get(index)).headers.get('etag');
    const revocation = alice.key.revoke({ hashed: [subpackets.reason(2, 'lost')] });
    await server.hold(
      Buffer.concat([
        alice.packets[0]?.raw ?? Buffer.of(),
        revocation.raw,
        ...alice.packets.slice(1).map(({ raw }) => raw),
      ]),
    );
    const revoked = await server.get(ALICE, {
      headers: { 'If-None-Match': tag, 'Cache-Control': 'max-age=0' },
    });
    expect(revoked.status).toBe(200);
    expect(revoked.headers.get('etag')).not.toBe(tag);
    const after = await server.get(index);
    expect(after.headers.get('etag')).not.toBe(indexTag);
    expect(await after.text()).toMatch(/^pub:.*:r$/m);
  });

  it('H28 one certificate has a tag of its own in armor and in binary', async () => {
    const server = await startServer();
    await server.hold(alice.bytes);
    const armored = await server.get(ALICE);
    const binary = await server.get(ALICE.replace('options=mr', 'options=bin'));
    const tags = [armored, binary].map(({ headers }) => headers.get('etag'));
    expect(new Set(tags).size).toBe(2);
  });

  it('H29 an unknown path is 404 in the form the client reads, and says nothing of the inside', async () => {
    const server = await startServer();
    const json = await server.get('/nothing/here');
    expect(json.status).toBe(404);
    expect((await errorOf(json)).code).toBe(404);
    const text = await server.get('/nothing', { headers: { Accept: 'text/plain' } });
    expect(text.headers.get('content-type')).toBe('text/plain; charset=utf-8');
    const page = await server.get('/nothing', { headers: { Accept: 'text/html,*/*;q=0.8' } });
    expect(page.headers.get('content-type')).toBe('text/html; charset=utf-8');
    const all = JSON.stringify([...json.headers]) + (await text.text()) + (await page.text());
    expect(all).not.toMatch(/koa|node_modules|\bat \/|x-powered-by/i);
  });

  it('H30 an error inside is 500 without details, and the log has them under the request id', async () => {
    const broken = new Proxy(
      {},
      {
        get: () => () => {
          throw new Error('secret detail of /var/lib');
        },
      },
    );
    const server = await startServer({ keystore: broken as never, answers: new ReadyAnswers({}) });
    for (const path of [ALICE, '/readyz', '/pks/stats', '/']) {
      const answer = await server.get(path);
      expect(answer.status).toBe(500);
      const id = answer.headers.get('x-request-id') ?? '';
      const { message } = await errorOf(answer);
      expect(message).not.toContain('secret detail');
      expect(message).toContain(id);
      const line = server.lines.find(({ level, fields }) => level === 'error' && fields['id'] === id);
      expect(line?.fields['error']).toContain('secret detail of /var/lib');
    }
    expect((await server.get('/healthz')).status).toBe(200);
  });

  it('a target that is no path is 400, the absolute form is served', async () => {
    const server = await startServer();
    const bad = await rawRequest(
      server.port,
      'GET http://[::/x HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n',
    );
    expect(bad).toMatch(/^HTTP\/1.1 400 /);
    const absolute = await rawRequest(
      server.port,
      'GET http://any.example/version HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n',
    );
    expect(absolute).toContain('{"data":{"version":"v1.2.3"}}');
  });
});
