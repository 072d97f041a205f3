/* What clients and operators ask of a server besides keys. */
import { describe, expect, it } from 'vitest';
import { makeCertificate } from '../fixtures/test-key.ts';
import { startServer } from './harness.ts';

const alice = makeCertificate();

describe('the server', () => {
  it('gives its version in the form that "remote status" reads', async () => {
    const server = await startServer();
    const answer = await server.get('/version');
    expect(answer.status).toBe(200);
    expect(answer.headers.get('content-type')).toBe('application/json');
    expect(await answer.json()).toEqual({ data: { version: 'v1.2.3' } });
  });

  it('answers / with 200 for "keyserver login", as a line of text or a page', async () => {
    const server = await startServer({ publicUrl: 'https://keys.example.org' });
    const text = await server.get('/', { headers: { Authorization: 'Bearer' } });
    expect(text.status).toBe(200);
    expect(await text.text()).toMatch(/^Vouch 1\.2\.3, .*0 certificates\.\n$/);
    const page = await server.get('/', { headers: { Accept: 'text/html' } });
    expect(await page.text()).toContain('https://keys.example.org');
  });

  it('serves the files of its pages with a policy of their own', async () => {
    const server = await startServer();
    const page = await (await server.get('/', { headers: { Accept: 'text/html' } })).text();
    const style = /<link rel="stylesheet" href="([^"]+)"/.exec(page)?.[1] ?? '';
    const answer = await server.get(style);
    expect(answer.status).toBe(200);
    expect(answer.headers.get('content-type')).toBe('text/css; charset=utf-8');
  });

  it('without pages answers browsers in text', async () => {
    const server = await startServer({ html: undefined });
    await server.hold(alice.bytes);
    const headers = { Accept: 'text/html' };
    for (const path of ['/', '/pks/lookup?op=index&search=alice', '/pks/stats']) {
      expect((await server.get(path, { headers })).headers.get('content-type')).toBe(
        'text/plain; charset=utf-8',
      );
    }
    expect((await server.get('/nothing', { headers })).headers.get('content-type')).toBe('application/json');
  });

  it('says that it lives, and that its store answers', async () => {
    const server = await startServer();
    for (const path of ['/healthz', '/readyz', '/pks/health']) {
      expect(await (await server.get(path)).text()).toBe('ok\n');
    }
    await server.keystore.close();
    expect((await server.get('/healthz')).status).toBe(200);
    const ready = await server.get('/readyz');
    expect(ready.status).toBe(503);
    expect(await ready.text()).toBe('CLOSED: The keystore is closed.\n');
  });

  it('logs a line per request, with neither query nor what was pushed', async () => {
    const server = await startServer();
    await server.get('/pks/lookup?op=index&search=someone@example.org');
    await server.push(alice.armored, { headers: { Authorization: 'Bearer sesame' } });
    const requests = server.lines.filter(({ message }) => message === 'request');
    expect(requests.map(({ fields }) => [fields['method'], fields['path'], fields['status']])).toEqual([
      ['GET', '/pks/lookup', 404],
      ['POST', '/pks/add', 200],
    ]);
    const all = JSON.stringify(server.lines);
    expect(all).toContain(alice.fingerprint);
    expect(all).not.toMatch(/someone|BEGIN PGP|sesame|alice@/);
  });

  it('answers a hashquery with the certificates it holds', async () => {
    const server = await startServer();
    const { terms } = await server.hold(alice.bytes);
    const digest = Buffer.from(terms.find(({ kind }) => kind === 'digest')?.value ?? '', 'hex');
    const sixteen = Buffer.of(0, 0, 0, 16);
    const query = Buffer.concat([Buffer.of(0, 0, 0, 2), sixteen, digest, sixteen, Buffer.alloc(16)]);
    const answer = await server.get('/pks/hashquery', { method: 'POST', body: query });
    const length = Buffer.alloc(4);
    length.writeUInt32BE(alice.bytes.length);
    expect(Buffer.from(await answer.arrayBuffer())).toEqual(
      Buffer.concat([Buffer.of(0, 0, 0, 1), length, alice.bytes, Buffer.from('\r\n')]),
    );
  });

  it.each([
    ['empty', Buffer.of()],
    ['a count without digests', Buffer.of(0, 0, 0, 2)],
    ['a count of none', Buffer.of(0, 0, 0, 0)],
    ['too many', Buffer.of(255, 255, 255, 255)],
    ['a digest of another length', Buffer.concat([Buffer.of(0, 0, 0, 1, 0, 0, 0, 20), Buffer.alloc(20)])],
  ])('refuses a hashquery that is %s', async (_, query) => {
    const server = await startServer();
    expect((await server.get('/pks/hashquery', { method: 'POST', body: query })).status).toBe(400);
  });
});
