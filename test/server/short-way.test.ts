/* The same requests on the short way and past it: nobody can tell which way a request took. */
import { describe, expect, it } from 'vitest';
import { RateLimit } from '../../src/access/rate-limit.ts';
import type { RequestMeter } from '../../src/http/request-meter.ts';
import { armor } from '../../src/openpgp/armor.ts';
import { makeCertificate } from '../fixtures/test-key.ts';
import { rawRequest, RawConnection, startServer, type TestServer } from '../hkp/harness.ts';

const ALICE = makeCertificate(['Alice Example <alice@example.org>']);
const BOB = makeCertificate(['Bob Example <bob+work@example.org>']);
const { fingerprint, key } = ALICE.key;

const QUERIES = [
  `op=get&options=mr&search=0x${fingerprint}`,
  `op=get&search=${fingerprint.toLowerCase()}`,
  `search=0x${key.keyId}&op=get`,
  `op=get&search=0x${key.keyId.slice(-8)}&options=`,
  `op=get&options=bin&search=0x${fingerprint}`,
  'op=get&search=alice%40example.org',
  'op=get&search=bob+work@example.org',
  'op=index&options=mr&search=alice%40example.org',
  'op=index&options=mr,foo&search=Example',
  'op=vindex&options=mr&search=example&x-pagesize=1',
  'OP=Index&Options=MR&search=alice@example.org&exact=off',
];

/** What is answered with a failure, or not on the short way. */
const OTHERS = [
  'op=index&search=alice@example.org',
  'op=index&options=mr&search=nobody@example.org',
  'op=index&options=json&search=alice@example.org',
  `op=get&search=0x${'0'.repeat(40)}`,
  `op=get&search=0x${fingerprint}&access_token=`,
  `op=get&search=0x${fingerprint}%zz`,
  'op=get',
  'op=nothing&search=a',
  '',
];

interface Way {
  readonly server: TestServer;
  readonly counted: string[];
}

async function way(parts: Parameters<typeof startServer>[0] = {}): Promise<Way> {
  const counted: string[] = [];
  const meter: RequestMeter = {
    now: () => 0,
    count: (route, method, status, milliseconds) =>
      counted.push(`${route} ${method} ${status} ${milliseconds}`),
  };
  const server = await startServer({ meter, ...parts });
  await server.hold(ALICE.bytes);
  await server.hold(BOB.bytes);
  return { server, counted };
}

/** As it was written, but for what is another in every answer. */
function comparable(answer: string): string {
  return answer
    .replace(/^X-Request-Id: [0-9a-f-]{36}\r$/m, 'X-Request-Id\r')
    .replace(/^Date: .*\r$/m, 'Date\r');
}

/** What the application is asked itself: a length, even that of no body, is nothing for the short way. */
const LONG = ['Content-Length: 0'];

/** Twice the same request: for the short way, and for the application. */
function bothWays(method: string, query: string, headers: readonly string[] = []): [string, string] {
  const more = headers.some((header) => header.startsWith('Content-Length')) ? [] : LONG;
  return [request(method, query, headers), request(method, query, [...more, ...headers])];
}

function request(method: string, query: string, headers: readonly string[] = []): string {
  return [`${method} /pks/lookup?${query} HTTP/1.1`, 'Host: a', 'Connection: close', ...headers, '', ''].join(
    '\r\n',
  );
}

describe('the short way', () => {
  it.each([...QUERIES, ...OTHERS])('gives %s the same answer, octet for octet', async (query) => {
    const [short, long] = [await way(), await way()];
    // Made, and found.
    for (const method of ['GET', 'GET', 'HEAD']) {
      const requests = bothWays(method, query);
      const answers = await Promise.all(
        [short, long].map(({ server }, index) => rawRequest(server.port, requests[index] ?? '')),
      );
      expect(comparable(answers[0] ?? '')).toBe(comparable(answers[1] ?? ''));
    }
    expect(short.counted).toEqual(long.counted);
    const lines = [short, long].map(({ server }) =>
      server.lines.map(({ fields }) => ({ ...fields, id: 'another' })),
    );
    expect(lines[0]).toEqual(lines[1]);
  });

  it.each([
    ['the entity tag of the answer', (tag: string) => [`If-None-Match: ${tag}`]],
    ['a weak form of it', (tag: string) => [`If-None-Match: "other", W/${tag}`]],
    ['any', () => ['If-None-Match: *']],
    ['another', () => ['If-None-Match: "other"']],
    ['it, and no cache', (tag: string) => [`If-None-Match: ${tag}`, 'Cache-Control: no-cache']],
    ['a time', () => ['If-Modified-Since: Thu, 01 Jan 2037 00:00:00 GMT']],
    [
      'it, and a time',
      (tag: string) => [`If-None-Match: ${tag}`, 'If-Modified-Since: Thu, 01 Jan 2037 00:00:00 GMT'],
    ],
    ['credentials', () => ['Authorization: Bearer x']],
    ['credentials twice', () => ['Authorization: Bearer x', 'Authorization: Bearer y']],
    ['an expectation', () => ['Expect: 100-continue', 'Content-Length: 0']],
    ['a body', () => ['Content-Length: 2', '', 'ab']],
    ['a type to accept', () => ['Accept: text/html']],
    ['an identifier of its own', () => ['X-Request-Id: mine']],
  ])('gives a request with %s the same answer', async (_, headersFor) => {
    const [short, long] = [await way(), await way()];
    const query = QUERIES[0] ?? '';
    const first = await short.server.get(`/pks/lookup?${query}`);
    const requests = bothWays('GET', query, headersFor(first.headers.get('ETag') ?? ''));
    const answers = await Promise.all(
      [short, long].map(({ server }, index) => rawRequest(server.port, requests[index] ?? '')),
    );
    expect(comparable(answers[0] ?? '')).toBe(comparable(answers[1] ?? ''));
  });

  it.each(['HTTP/1.0', 'HTTP/1.1'])(
    'keeps or closes a connection of %s as it is done otherwise',
    async (version) => {
      const { server } = await way();
      const heads = [];
      for (const more of [[], LONG]) {
        const lines = [
          `GET /pks/lookup?${QUERIES[0]} ${version}`,
          'Host: a',
          'Connection: keep-alive',
          ...more,
        ];
        const text = [...lines, '', ''].join('\r\n');
        const answer = await new RawConnection(server.port).write(text).until(/END PGP/);
        heads.push(comparable(answer));
      }
      expect(heads[0]).toBe(heads[1]);
      expect(heads[0]).toMatch(version === 'HTTP/1.0' ? /^Connection: close/m : /^Keep-Alive: timeout=5/m);
    },
  );

  it('counts each request once against the budget of its client, and refuses it as it is done otherwise', async () => {
    const limit = (): RateLimit => new RateLimit({ lookups: { requests: 3, seconds: 1000 }, exempt: [] });
    const ways = [await way({ rateLimit: limit() }), await way({ rateLimit: limit() })];
    const seen = await Promise.all(
      ways.map(async ({ server }, index) => {
        const answers = [];
        for (const search of [fingerprint, '0'.repeat(40), fingerprint, fingerprint, '0'.repeat(40)]) {
          const requests = bothWays('GET', `op=get&search=0x${search}`);
          answers.push(comparable(await rawRequest(server.port, requests[index] ?? '')));
        }
        return answers;
      }),
    );
    expect(seen[0]).toEqual(seen[1]);
    expect(seen[0]?.map((answer) => answer.slice(9, 12))).toEqual(['200', '404', '200', '429', '429']);
  });

  it('makes nothing for a client that used up its budget', async () => {
    const rateLimit = new RateLimit({ lookups: { requests: 1, seconds: 1000 }, exempt: [] });
    const { server } = await way({ rateLimit });
    expect((await server.get(`/pks/lookup?${QUERIES[7]}`)).status).toBe(200);
    let searches = 0;
    server.keystore.find = async () => ({ fingerprints: [], searches: (searches += 1) });
    expect((await server.get('/pks/lookup?op=index&options=mr&search=nobody')).status).toBe(429);
    expect(searches).toBe(0);
  });

  it('sends a long answer octet for octet', async () => {
    const { server } = await way();
    const names = Array.from(
      { length: 60 },
      (_, index) => `Long ${'n'.repeat(300)} ${index} <é${index}@example.org>`,
    );
    const long = makeCertificate(names);
    await server.hold(long.bytes);
    for (let asked = 0; asked < 2; asked += 1) {
      const answer = await server.get(`/pks/lookup?op=get&options=bin&search=0x${long.key.fingerprint}`);
      expect(Buffer.from(await answer.arrayBuffer()).equals(Buffer.from(long.bytes))).toBe(true);
    }
  });

  it('reads nothing for a client that has used up its budget', async () => {
    const rateLimit = new RateLimit({ lookups: { requests: 1, seconds: 1000 }, exempt: [] });
    const { server } = await way({ rateLimit });
    const read: string[] = [];
    const { keystore } = server;
    const bytes = keystore.bytes.bind(keystore);
    keystore.bytes = (name) => (read.push(name), bytes(name));
    expect((await server.get(`/pks/lookup?${QUERIES[0]}`)).status).toBe(200);
    expect((await server.get(`/pks/lookup?op=get&search=0x${BOB.fingerprint}`)).status).toBe(429);
    expect(read).toEqual([fingerprint]);
  });

  it('gives what is held now to a query that it knows', async () => {
    const { server } = await way();
    const one = makeCertificate(['One <one@example.org>']);
    const query = 'op=index&options=mr&search=one@example.org';
    const found = async (): Promise<number> => {
      const text = await (await server.get(`/pks/lookup?${query}`)).text();
      return text.split('\n').filter((line) => line.startsWith('pub:')).length;
    };
    expect(await found()).toBe(0);
    await server.hold(one.bytes);
    expect([await found(), await found(), await found()]).toEqual([1, 1, 1]);
    await server.hold(makeCertificate(['Another <one@example.org>']).bytes);
    expect([await found(), await found(), await found()]).toEqual([2, 2, 2]);
    const { fingerprint: gone } = one.key;
    await server.keystore.remove({ fingerprint: gone, time: 0, by: 'operator', reason: '' });
    expect([await found(), await found()]).toEqual([1, 1]);
  });

  it('is taken: the application is not asked again for what is ready', async () => {
    const { server } = await way();
    const path = `/pks/lookup?${QUERIES[0]}`;
    expect(await (await server.get(path)).text()).toBe(armor(ALICE.bytes));
    // Nothing is read any more.
    server.keystore.bytes = () => Promise.reject(new Error('asked'));
    expect(await (await server.get(path)).text()).toBe(armor(ALICE.bytes));
    expect((await server.get(`/pks/lookup?${QUERIES[6]}`)).status).toBe(500);
  });
});
