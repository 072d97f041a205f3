/* hkp.md 1.6 and 5.5, L28 to L31: draft-ietf-openpgp-hkp. */
import { describe, expect, it } from 'vitest';
import { DAY, EPOCH, makeCertificate } from '../fixtures/test-key.ts';
import { errorOf, NOW, startServer, type TestServer } from './harness.ts';

const alice = makeCertificate(['Alice Example <alice@example.org>']);
const newer = makeCertificate(['Alice again <Alice@Example.org>'], { created: EPOCH + 3600 });
const dave = makeCertificate(['Dave <dave@example.org>'], { version: 6 });
const V2 = '/pks/v2';

async function serve(): Promise<TestServer> {
  const server = await startServer();
  for (const { bytes } of [alice, newer, dave]) await server.hold(bytes);
  return server;
}

const octets = async (answer: Response): Promise<Buffer> => Buffer.from(await answer.arrayBuffer());

const post = (server: TestServer, body: BodyInit, type?: string): Promise<Response> =>
  server.get(`${V2}/certs`, {
    method: 'POST',
    body,
    headers: type === undefined ? {} : { 'Content-Type': type },
  });

describe('v2 lookup', () => {
  const fingerprint = alice.fingerprint;

  it.each([
    [`04${fingerprint}`, alice],
    [`04/${fingerprint}`, alice],
    [`04${fingerprint.toLowerCase()}`, alice],
    [`04/${alice.subkey.fingerprint}`, alice],
    [`06${dave.fingerprint}`, dave],
    [`06/${dave.fingerprint}`, dave],
  ])('L28 by-vfingerprint/%s gives the certificate in binary', async (id, { bytes }) => {
    const server = await serve();
    const answer = await server.get(`${V2}/certs/by-vfingerprint/${id}`);
    expect(answer.status).toBe(200);
    expect(answer.headers.get('content-type')).toBe('application/pgp');
    expect(await octets(answer)).toEqual(bytes);
  });

  it.each([
    `05${fingerprint}`,
    `06${fingerprint}`,
    `04${dave.fingerprint}`,
    fingerprint,
    `0x04${fingerprint}`,
    `04${fingerprint.slice(1)}`,
    `04${fingerprint}0`,
    `04${'Z'.repeat(40)}`,
    `04${'0'.repeat(40)}`,
    `4/${fingerprint}`,
  ])('L28 by-vfingerprint/%s is 400 or 404', async (id) => {
    const server = await serve();
    const { status } = await server.get(`${V2}/certs/by-vfingerprint/${id}`);
    expect(status).toBe(id === `04${'0'.repeat(40)}` ? 404 : 400);
  });

  it('L29 by-keyid takes exactly 16 digits and never gives a v6 certificate', async () => {
    const server = await serve();
    const keyId = fingerprint.slice(-16);
    expect(await octets(await server.get(`${V2}/certs/by-keyid/${keyId.toLowerCase()}`))).toEqual(
      alice.bytes,
    );
    for (const id of [keyId.slice(1), `${keyId}0`, `0x${keyId}`, `0x${keyId.slice(2)}`]) {
      expect((await server.get(`${V2}/certs/by-keyid/${id}`)).status).toBe(400);
    }
    expect((await server.get(`${V2}/certs/by-keyid/${dave.fingerprint.slice(0, 16)}`)).status).toBe(404);
  });

  it.each(['alice@example.org', 'ALICE@EXAMPLE.ORG', 'alice%40example.org'])(
    'by-identity/%s gives all certificates of an address, the newest first',
    async (identity) => {
      const server = await serve();
      const answer = await server.get(`${V2}/certs/by-identity/${identity}`);
      expect(await octets(answer)).toEqual(Buffer.concat([newer.bytes, alice.bytes]));
    },
  );

  it('by-identity takes the whole text of a user ID, and no part of it', async () => {
    const server = await serve();
    const whole = await server.get(`${V2}/certs/by-identity/alice%20example%20%3Calice@example.org%3E`);
    expect(await octets(whole)).toEqual(alice.bytes);
    for (const part of ['alice', 'example.org', '@example.org', '%20']) {
      expect((await server.get(`${V2}/certs/by-identity/${part}`)).status).toBe(404);
    }
    expect((await server.get(`${V2}/certs/by-identity/${'a'.repeat(2000)}`)).status).toBe(414);
  });

  it('index lists the certificates of an identity as JSON, v6 too', async () => {
    const server = await serve();
    const answer = await server.get(`${V2}/index/dave@example.org`);
    expect(answer.headers.get('content-type')).toBe('application/json');
    expect(await answer.json()).toMatchObject([{ version: 6, fingerprint: dave.fingerprint.toLowerCase() }]);
    expect((await server.get(`${V2}/index/nobody@example.org`)).status).toBe(404);
  });

  it('nothing is canonical: owners are not verified', async () => {
    const server = await serve();
    const answer = await server.get(`${V2}/canonical/alice@example.org`);
    expect(answer.status).toBe(404);
    expect((await errorOf(answer)).message).toContain('canonical');
  });

  it.each([
    [undefined, 'application/pgp'],
    ['*/*', 'application/pgp'],
    ['application/pgp, application/pgp-keys', 'application/pgp'],
    ['application/pgp-keys', 'application/pgp-keys;armor=no'],
    ['application/pgp-keys; encoding=binary', 'application/pgp-keys; encoding=binary'],
    ['text/html', 'application/pgp'],
  ])('a client of an older draft is answered in its media type: Accept %s', async (accept, type) => {
    const server = await serve();
    const answer = await server.get(`${V2}/certs/by-vfingerprint/04${fingerprint}`, {
      headers: accept === undefined ? {} : { Accept: accept },
    });
    expect(answer.headers.get('content-type')).toBe(type);
    expect(answer.headers.get('vary')).toContain('Accept');
  });

  it.each([
    ['GET', '/nonsense', 501],
    ['GET', '', 501],
    ['OPTIONS', '/nonsense', 501],
    ['POST', '/sendtoken', 501],
    ['OPTIONS', '/sendtoken', 501],
    ['PUT', '/canonical/alice@example.org', 501],
    ['DELETE', '/certs', 501],
    ['POST', '/add', 501],
    ['GET', '/certs', 403],
    ['GET', '/certs/by-keyid', 403],
    ['GET', '/certs/by-vfingerprint', 403],
    ['GET', '/index', 403],
    ['GET', '/prefixlog', 403],
    ['GET', '/certs/by-keyid/x', 400],
    ['GET', '/certs/by-keyid/0000000000000000', 404],
  ])('L30 %s %s is %i, with CORS and a reason', async (method, path, status) => {
    const server = await serve();
    const answer = await server.get(V2 + path, { method });
    expect(answer.status).toBe(status);
    expect(answer.headers.get('access-control-allow-origin')).toBe('*');
    expect((await errorOf(answer)).code).toBe(status);
  });

  it.each([
    ['/certs', 'GET, HEAD, POST, OPTIONS'],
    ['/certs/by-keyid', 'HEAD, GET'],
    ['/certs/by-keyid/0123456789ABCDEF', 'HEAD, GET'],
    ['/index', 'HEAD, GET'],
  ])('L30 OPTIONS %s says what is allowed', async (path, allow) => {
    const server = await serve();
    const answer = await server.get(V2 + path, { method: 'OPTIONS' });
    expect(answer.status).toBe(200);
    expect(answer.headers.get('allow')).toBe(allow);
  });
});

describe('v2 submission', () => {
  it('L30 OPTIONS says which media types it takes', async () => {
    const server = await startServer();
    const answer = await server.get(`${V2}/certs`, { method: 'OPTIONS' });
    expect(answer.headers.get('accept')).toBe('application/pgp, application/pgp-keys');
  });

  it('L31 a binary bundle is answered with the response object, an armored one is 422', async () => {
    const server = await startServer();
    const entry = { version: 4, fingerprint: alice.fingerprint.toLowerCase() };
    const empty = { inserted: [], updated: [], deleted: [], ignored: [], invalid: [] };
    const first = await post(server, new Uint8Array(alice.bytes), 'application/pgp');
    expect(first.status).toBe(200);
    expect(first.headers.get('content-type')).toBe('application/json');
    expect(await first.json()).toEqual({ ...empty, inserted: [entry] });
    const again = await post(server, new Uint8Array(alice.bytes), 'application/pgp-keys;armor=no');
    expect(await again.json()).toEqual({ ...empty, ignored: [{ ...entry, comment: expect.any(String) }] });
    const armored = await post(server, alice.armored, 'application/pgp-keys');
    expect(armored.status).toBe(422);
    expect(armored.headers.get('access-control-allow-origin')).toBe('*');
    expect((await errorOf(armored)).message).toContain('binary');
  });

  it('takes several certificates of any version, and a multipart part named keytext', async () => {
    const server = await startServer();
    const form = new FormData();
    form.append('keytext', new Blob([new Uint8Array(Buffer.concat([alice.bytes, dave.bytes]))]), 'keys.pgp');
    const answer = await post(server, form);
    expect(answer.status).toBe(200);
    const { inserted } = (await answer.json()) as { inserted: { version: number }[] };
    expect(new Set(inserted.map(({ version }) => version))).toEqual(new Set([4, 6]));
  });

  it('is 422 with the reasons when nothing was taken', async () => {
    const server = await startServer();
    const [primary] = alice.packets;
    const answer = await post(server, new Uint8Array(primary?.raw ?? []), 'application/pgp');
    expect(answer.status).toBe(422);
    const { invalid } = (await answer.json()) as { invalid: object[] };
    expect(invalid).toEqual([
      { version: 4, fingerprint: alice.fingerprint.toLowerCase(), comment: expect.any(String) },
    ]);
  });
});

describe('prefixlog', () => {
  const day = (seconds: number): string => new Date(seconds * 1000).toISOString().slice(0, 10);

  it('tells the changes of one day, each certificate once, with CRLF', async () => {
    const server = await startServer();
    const prefix = (certificate: { fingerprint: string }): string =>
      certificate.fingerprint.slice(0, 8).toLowerCase();
    await server.hold(alice.bytes);
    server.clock.seconds = NOW + DAY;
    await server.hold(newer.bytes);
    await server.hold(newer.bytes, [{ kind: 'word', value: 'more' }]);
    await server.hold(dave.bytes);
    const log = async (seconds: number): Promise<string> =>
      (await server.get(`${V2}/prefixlog/${day(seconds)}`)).text();
    expect(await log(NOW)).toBe(`${prefix(alice)}\r\n`);
    expect(await log(NOW + DAY)).toBe(`${prefix(newer)}\r\n${prefix(dave)}\r\n`);
    expect(await log(NOW - DAY)).toBe('');
    expect((await server.get(`${V2}/prefixlog/${day(NOW + 2 * DAY)}`)).status).toBe(404);
  });

  it.each(['2024-1-1', '2024-02-30', '2024-13-01', 'yesterday', '0000-00-00', '2024-01-01T00:00:00Z'])(
    'refuses %s',
    async (date) => {
      const server = await startServer();
      expect((await server.get(`${V2}/prefixlog/${date}`)).status).toBe(400);
    },
  );
});
