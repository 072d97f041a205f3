import { once } from 'node:events';
import { IncomingMessage, request } from 'node:http';
import { Socket, type AddressInfo } from 'node:net';
import Koa from 'koa';
import { afterEach, describe, expect, it } from 'vitest';
import { MAX_KNOWN_ORIGINS } from '../../src/access/limits.ts';
import { RateLimit, type RateLimitOptions } from '../../src/access/rate-limit.ts';
import { answerErrors } from '../../src/http/error-answer.ts';
import { HttpError } from '../../src/http/error.ts';

const closers: (() => void)[] = [];
afterEach(() => {
  for (const close of closers.splice(0)) close();
});

interface Answer {
  readonly status: number;
  readonly retryAfter: string | undefined;
}
type Ask = (ask?: {
  readonly method?: string;
  readonly path?: string;
  readonly from?: string;
  readonly forwardedFor?: string;
}) => Promise<Answer>;

const silent = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} };

/** A server with the limiter, and a client that can come from any address of 127.0.0.0/8. */
async function serve(options: Partial<RateLimitOptions>): Promise<Ask> {
  const app = new Koa();
  app.use(
    answerErrors({
      log: silent,
      statusOf: (error) => (error instanceof HttpError && error.code === 'TOO_MANY_REQUESTS' ? 429 : 500),
      render: (ctx, status, message) => {
        ctx.status = status;
        ctx.body = { error: { code: status, message } };
      },
    }),
  );
  app.use(new RateLimit(options).middleware());
  app.use((ctx) => {
    ctx.body = 'served';
  });
  const server = app.listen(0, '127.0.0.1');
  closers.push(() => server.close());
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return ({ method = 'GET', path = '/pks/lookup', from = '127.0.0.1', forwardedFor } = {}) =>
    new Promise((resolve, reject) => {
      const headers = forwardedFor === undefined ? {} : { 'x-forwarded-for': forwardedFor };
      request(
        { host: '127.0.0.1', port, method, path, localAddress: from, headers, agent: false },
        (answer) => {
          answer.resume();
          resolve({ status: answer.statusCode ?? 0, retryAfter: answer.headers['retry-after'] });
        },
      )
        .on('error', reject)
        .end();
    });
}

async function statuses(count: number, ask: () => Promise<Answer>): Promise<number[]> {
  const seen: number[] = [];
  for (let index = 0; index < count; index += 1) seen.push((await ask()).status);
  return seen;
}

/** A request that came from this host, by a proxy. */
function forwarded(forwardedFor: string): IncomingMessage {
  const socket = Object.defineProperty(new Socket(), 'remoteAddress', { value: '127.0.0.1' });
  const asked = new IncomingMessage(socket);
  asked.method = 'GET';
  asked.headers['x-forwarded-for'] = forwardedFor;
  return asked;
}

/** Long enough that no window ends during a test. */
const seconds = 600;

describe('the rate limit', () => {
  it('H31 F7 answers 429 with Retry-After when one address asks too often, and serves the others', async () => {
    const ask = await serve({ lookups: { requests: 3, seconds }, exempt: [] });
    expect(await statuses(5, () => ask({ from: '127.0.0.2' }))).toEqual([200, 200, 200, 429, 429]);
    const refused = await ask({ from: '127.0.0.2' });
    expect(Number(refused.retryAfter)).toBeGreaterThan(0);
    expect(Number(refused.retryAfter)).toBeLessThanOrEqual(seconds);
    expect(await statuses(3, () => ask({ from: '127.0.0.3' }))).toEqual([200, 200, 200]);
  });

  it('H31 holds under a burst of requests at once', async () => {
    const ask = await serve({ lookups: { requests: 20, seconds }, exempt: [] });
    const answers = await Promise.all(Array.from({ length: 100 }, () => ask({ from: '127.0.0.2' })));
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(20);
    expect(answers.filter(({ status }) => status === 429)).toHaveLength(80);
  });

  it('counts pushes and lookups apart', async () => {
    const ask = await serve({
      lookups: { requests: 2, seconds },
      pushes: { requests: 1, seconds },
      exempt: [],
    });
    expect(await statuses(2, () => ask({ method: 'POST', path: '/pks/add' }))).toEqual([200, 429]);
    expect(await statuses(3, () => ask({ method: 'HEAD' }))).toEqual([200, 200, 429]);
  });

  it('counts neither preflights nor health checks', async () => {
    const ask = await serve({ lookups: { requests: 1, seconds }, exempt: [] });
    await ask();
    expect((await ask()).status).toBe(429);
    expect((await ask({ method: 'OPTIONS' })).status).toBe(200);
    expect((await ask({ path: '/healthz' })).status).toBe(200);
  });

  it('does not throttle a reverse proxy on this host as one client', async () => {
    const ask = await serve({ lookups: { requests: 1, seconds } });
    expect(await statuses(3, () => ask({ forwardedFor: '203.0.113.1' }))).toEqual([200, 200, 200]);
  });

  it('H31 counts the clients of a trusted proxy one by one', async () => {
    const ask = await serve({ lookups: { requests: 1, seconds }, trustedProxies: ['127.0.0.1'] });
    expect((await ask({ forwardedFor: '203.0.113.1' })).status).toBe(200);
    expect((await ask({ forwardedFor: '203.0.113.1' })).status).toBe(429);
    expect((await ask({ forwardedFor: '203.0.113.2' })).status).toBe(200);
    expect((await ask({ forwardedFor: '198.51.100.9, 203.0.113.2' })).status).toBe(429);
  });

  it('H31 ignores X-Forwarded-For of anyone else', async () => {
    const ask = await serve({ lookups: { requests: 2, seconds }, exempt: [], trustedProxies: ['127.0.0.9'] });
    let client = 0;
    const forging = (): Promise<Answer> =>
      ask({ from: '127.0.0.2', forwardedFor: `203.0.113.${(client += 1)}` });
    expect(await statuses(3, forging)).toEqual([200, 200, 429]);
  });

  it('H31 knows a client again when it has forgotten, and one that is long, for which it remembers nothing', async () => {
    const limit = new RateLimit({ lookups: { requests: 1, seconds }, trustedProxies: ['127.0.0.1'] });
    const from = (forwardedFor: string): number | undefined =>
      limit.spend(forwarded(forwardedFor), '/pks/lookup');
    const long = `${'198.51.100.9, '.repeat(50)}203.0.113.2`;
    expect(from('203.0.113.1')).toBeUndefined();
    expect(from(long)).toBeUndefined();
    for (let other = 0; other <= MAX_KNOWN_ORIGINS; other += 1) from(`10.${other >> 8}.${other & 255}.1`);
    expect(from('203.0.113.1')).toBeGreaterThan(0);
    expect(from('203.0.113.2')).toBeGreaterThan(0);
    expect(from(long)).toBeGreaterThan(0);
  });

  it('counts an IPv6 client by its /64', async () => {
    const ask = await serve({ lookups: { requests: 1, seconds }, trustedProxies: ['127.0.0.1'] });
    expect((await ask({ forwardedFor: '2001:db8:1:2::a' })).status).toBe(200);
    expect((await ask({ forwardedFor: '2001:db8:1:2:ffff::b' })).status).toBe(429);
    expect((await ask({ forwardedFor: '2001:db8:1:3::a' })).status).toBe(200);
  });

  it('refuses to start with a network it cannot read', () => {
    expect(() => new RateLimit({ exempt: ['everyone'] })).toThrow(
      expect.objectContaining({ code: 'BAD_NETWORK' }),
    );
  });
});
