/* hkp.md 5.1, H19 to H26: requests made to confuse. Each case has its id in its name. */
import { describe, expect, it } from 'vitest';
import { makeCertificate } from '../fixtures/test-key.ts';
import { errorOf, rawRequest, startServer } from './harness.ts';

const alice = makeCertificate(['Alice Example <alice@example.org>']);

describe('hostile requests', () => {
  it.each([
    ['search[]=x', 400],
    ['__proto__=1', 400],
    ['constructor=x&toString=y', 400],
    ['search=alice&search=nobody', 200],
    ['search=nobody&search=alice', 404],
    ['search=alice&__proto__=1&constructor=2&toString=3&hasOwnProperty=4', 200],
    ['SEARCH=alice', 200],
  ])('H19 odd variables do no harm and the first value counts: %s', async (query, status) => {
    const server = await startServer();
    await server.hold(alice.bytes);
    const answer = await server.get(`/pks/lookup?op=index&options=mr&${query}`);
    expect(answer.status).toBe(status);
    expect(({} as Record<string, unknown>)['1']).toBeUndefined();
  });

  it.each([
    ['%', 400],
    ['%zz', 400],
    ['a%4', 400],
    ['%C3%28', 404],
    ['%00', 404],
    ['%FF%FE', 404],
  ])('H20 a bad percent escape is %s: never a fault of the server', async (search, status) => {
    const server = await startServer();
    expect((await server.get(`/pks/lookup?op=get&search=${search}`)).status).toBe(status);
    expect((await server.get(`/pks/lookup?op=index&search=${search}`)).status).toBe(status);
    expect((await server.get(`/pks/v2/index/${search}`)).status).toBeLessThan(500);
  });

  it('H21 a search of 100 KiB is 414', async () => {
    const server = await startServer();
    const answer = await server.get(`/pks/lookup?op=index&search=${'a'.repeat(100 * 1024)}`);
    expect(answer.status).toBe(414);
    expect((await errorOf(answer)).message).toContain('1024');
  });

  it.each([
    ['op=GET', 200],
    ['OP=get', 200],
    ['op=%20get', 200],
    ['op=', 400],
    ['x=1', 400],
    ['op=x-foo', 501],
    ['op=__proto__', 501],
  ])('H22 operations are read without case, an unknown one is 501: %s', async (op, status) => {
    const server = await startServer();
    await server.hold(alice.bytes);
    const answer = await server.get(`/pks/lookup?${op}&search=0x${alice.fingerprint}`);
    expect(answer.status).toBe(status);
  });

  it.each(['mr,nm', 'MR', 'mr%2Cx-foo', 'x-foo,%20mr'])(
    'H23 mr is seen among options=%s',
    async (options) => {
      const server = await startServer();
      await server.hold(alice.bytes);
      const answer = await server.get(`/pks/lookup?op=index&search=alice&options=${options}`, {
        headers: { Accept: 'text/html' },
      });
      expect(await answer.text()).toMatch(/^info:1:1\npub:/);
    },
  );

  it('H23 empty options are none', async () => {
    const server = await startServer();
    await server.hold(alice.bytes);
    const answer = await server.get('/pks/lookup?op=index&search=alice&options=');
    expect(await answer.text()).toMatch(/^Search results for 'alice'\n/);
  });

  it.each([
    '/pks/../../etc/passwd',
    '/%2e%2e/%2e%2e/etc/passwd',
    '/static/..%5c..%5cpasswd',
    '/%00',
    '/style.css%00',
    '/..;/x',
  ])('H24 no path leads to a file: %s', async (path) => {
    const server = await startServer();
    const answer = await rawRequest(
      server.port,
      `GET ${path} HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n`,
    );
    expect(answer).toMatch(/^HTTP\/1.1 40[04] /);
    expect(answer).not.toContain('root:');
  });

  it.each([
    ['both lengths', 'Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n'],
    ['two lengths', 'Content-Length: 5\r\nContent-Length: 6\r\n\r\nabcde'],
    ['a space before the colon', 'Content-Length : 5\r\n\r\nabcde'],
    ['an unknown coding', 'Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n'],
    ['a bare line feed in a chunk', 'Transfer-Encoding: chunked\r\n\r\n5\nabcde\n0\n\n'],
  ])('H25 a request that a proxy could split otherwise is refused: %s', async (_, rest) => {
    const server = await startServer();
    const smuggled = 'GET /version HTTP/1.1\r\nHost: h\r\n\r\n';
    const answer = await rawRequest(server.port, `POST /pks/add HTTP/1.1\r\nHost: h\r\n${rest}${smuggled}`);
    expect(answer).toMatch(/^HTTP\/1.1 400 /);
    expect(answer).not.toContain('v1.2.3');
  });

  it('H26 headers over the limit are 431, and the server goes on', async () => {
    const server = await startServer();
    const big = `X-Big: ${'a'.repeat(140 * 1024)}\r\n`;
    const answer = await rawRequest(server.port, `GET / HTTP/1.1\r\nHost: h\r\n${big}\r\n`);
    expect(answer).toMatch(/^HTTP\/1.1 431 /);
    expect(answer).toMatch(/^access-control-allow-origin: \*\r$/im);
    expect(answer).toContain('{"error":{"code":431,');
    const many = Array.from({ length: 9000 }, (_, i) => `X-Header-${i}: abcdef\r\n`).join('');
    expect(await rawRequest(server.port, `GET / HTTP/1.1\r\nHost: h\r\n${many}\r\n`)).toMatch(
      /^HTTP\/1.1 431 /,
    );
    expect((await server.get('/healthz')).status).toBe(200);
  });
});
