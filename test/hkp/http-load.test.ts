/* hkp.md 5.1: slow clients, many requests, shutdown. Each case has its id in its name. */
import { setTimeout as delay } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { RateLimit } from '../../src/access/rate-limit.ts';
import type { Submit } from '../../src/hkp/submission.ts';
import { HttpError } from '../../src/http/error.ts';
import { makeCertificate } from '../fixtures/test-key.ts';
import { errorOf, RawConnection, startServer } from './harness.ts';

const FAST = { headersTimeout: 60, requestTimeout: 120, checkInterval: 20 };
const alice = makeCertificate();

describe('load', () => {
  it('H11 headers that never end are cut off with 408, others are served meanwhile', async () => {
    const server = await startServer({}, FAST);
    const slow = Array.from({ length: 20 }, () =>
      new RawConnection(server.port).write('GET / HTTP/1.1\r\nHo'),
    );
    expect((await server.get('/healthz')).status).toBe(200);
    for (const connection of slow) {
      expect(await connection.wholeAnswer()).toMatch(/^HTTP\/1.1 408 [^]*"code":408/);
    }
  });

  it('H11 a body that comes one byte at a time is cut off, and nothing is stored', async () => {
    const server = await startServer({}, FAST);
    const head = 'POST /pks/add HTTP/1.1\r\nHost: h\r\nContent-Length: 1000\r\n\r\n';
    const connection = new RawConnection(server.port).write(head);
    while (!connection.socket.closed) {
      connection.write('a');
      await delay(10);
    }
    expect(connection.received).toMatch(/^HTTP\/1.1 408 /);
    expect((await server.keystore.status()).certificates).toBe(0);
  });

  it('H11 one address cannot hold all connections', async () => {
    const server = await startServer({}, { connectionsPerAddress: 3 });
    const open = Array.from({ length: 3 }, () => new RawConnection(server.port));
    for (const connection of open) {
      await connection.write('GET /healthz HTTP/1.1\r\nHost: h\r\n\r\n').until(/ok\n$/);
    }
    expect(
      await new RawConnection(server.port).write('GET /healthz HTTP/1.1\r\nHost: h\r\n\r\n').wholeAnswer(),
    ).toBe('');
    open[0]?.socket.destroy();
    await delay(50);
    const after = new RawConnection(server.port).write('GET /healthz HTTP/1.1\r\nHost: h\r\n\r\n');
    expect(await after.until(/ok\n$/)).toMatch(/^HTTP\/1.1 200/);
  });

  it('H11 many addresses with idle connections keep nobody out: the longest idle makes room', async () => {
    const server = await startServer({}, { connections: 4 });
    const ask = 'GET /healthz HTTP/1.1\r\nHost: h\r\n\r\n';
    const [first, ...others] = Array.from({ length: 4 }, () => new RawConnection(server.port));
    for (const connection of [first, ...others]) await connection?.write(ask).until(/ok\n$/);
    others[0]?.write('GET / HTTP/1.1\r\n');
    // It asks again: now another one is idle for longer.
    if (first === undefined) throw new Error('there are four');
    first.received = '';
    await first.write(ask).until(/ok\n$/);
    for (let i = 0; i < 3; i += 1) {
      await new RawConnection(server.port).write(ask).until(/ok\n$/);
    }
    await Promise.all(others.map(({ closed }) => closed));
    expect(first.socket.destroyed).toBe(false);
    first.received = '';
    expect(await first.write(ask).until(/ok\n$/)).toMatch(/^HTTP\/1.1 200/);
  });

  it('H11 a connection whose request is under way is not the one that makes room', async () => {
    let release = (): void => undefined;
    const gate = new Promise<void>((resolve) => (release = resolve));
    let began = (): void => undefined;
    const underWay = new Promise<void>((resolve) => (began = resolve));
    const submit: Submit = async () => {
      began();
      await gate;
      return {
        accepted: [{ version: 4, fingerprint: alice.fingerprint, outcome: 'inserted', leftOut: [] }],
        refused: [],
      };
    };
    const server = await startServer({ submit }, { connections: 1 });
    const pushed = server.push(alice.armored);
    await underWay;
    const newcomer = new RawConnection(server.port).write('GET /healthz HTTP/1.1\r\nHost: h\r\n\r\n');
    expect(await newcomer.wholeAnswer()).toBe('');
    release();
    expect((await pushed).status).toBe(200);
  });

  it('H31 too many requests are 429 with Retry-After, never 502 to 504, and a push keeps its answer', async () => {
    const limiter = new RateLimit({
      lookups: { requests: 5, seconds: 60 },
      pushes: { requests: 1, seconds: 60 },
      exempt: [],
    });
    const server = await startServer({ rateLimit: limiter });
    const statuses: number[] = [];
    for (let i = 0; i < 8; i += 1) statuses.push((await server.get('/version')).status);
    expect(statuses).toEqual([200, 200, 200, 200, 200, 429, 429, 429]);
    expect((await server.push(alice.armored)).status).toBe(200);
    const refused = await server.push('a'.repeat(1_000_000));
    expect(refused.status).toBe(429);
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0);
    expect(refused.headers.get('access-control-allow-origin')).toBe('*');
    expect((await errorOf(refused)).code).toBe(429);
    expect((await server.get('/healthz')).status).toBe(200);
  });

  it('H32 on shutdown a push under way is finished and answered, and new connections are refused', async () => {
    let release = (): void => undefined;
    const gate = new Promise<void>((resolve) => (release = resolve));
    let began = (): void => undefined;
    const underWay = new Promise<void>((resolve) => (began = resolve));
    const submit: Submit = async () => {
      began();
      await gate;
      return {
        accepted: [{ version: 4, fingerprint: alice.fingerprint, outcome: 'inserted', leftOut: [] }],
        refused: [],
      };
    };
    const server = await startServer({ submit }, { drain: 10_000 });
    const idle = new RawConnection(server.port);
    await idle.write('GET /healthz HTTP/1.1\r\nHost: h\r\n\r\n').until(/ok\n$/);
    const push = server.push(alice.armored);
    await underWay;
    const closed = server.listening.close();
    await idle.closed;
    await expect(server.get('/version')).rejects.toThrow();
    release();
    const answer = await push;
    expect(answer.status).toBe(200);
    expect(await answer.text()).toContain(alice.fingerprint);
    await closed;
    await server.listening.close();
  });

  it('H32 what does not finish in time is cut off', async () => {
    const server = await startServer({ submit: () => new Promise(() => undefined) }, { drain: 50 });
    const push = server.push(alice.armored);
    push.catch(() => undefined);
    while (server.lines.length === 0) {
      await delay(20);
      if ((await server.get('/healthz')).ok) break;
    }
    await server.listening.close();
    await expect(push).rejects.toThrow();
  });

  it('a taken port is an error with a code', async () => {
    const server = await startServer();
    const { listen } = await import('../../src/http/listen.ts');
    const { default: Koa } = await import('koa');
    const second = listen(new Koa(), { host: '127.0.0.1', port: server.port });
    await expect(second).rejects.toThrow(HttpError);
    await expect(second).rejects.toMatchObject({ code: 'ADDRESS_IN_USE' });
    await expect(listen(new Koa(), { host: '203.0.113.1', port: 0 })).rejects.toMatchObject({
      code: 'LISTEN_FAILED',
    });
  });

  it('listens on IPv6 and says so in the address', async () => {
    const { listen } = await import('../../src/http/listen.ts');
    const { default: Koa } = await import('koa');
    const app = new Koa();
    app.use((ctx) => void (ctx.body = 'here'));
    const listening = await listen(app, { host: '::1', port: 0 });
    expect(listening.url).toBe(`http://[::1]:${listening.port}`);
    expect(await (await fetch(listening.url)).text()).toBe('here');
    await listening.close();
  });
});
