/* hkp.md 5.1: request bodies. Each case has its id in its name. */
import { setTimeout as delay } from 'node:timers/promises';
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { makeCertificate } from '../fixtures/test-key.ts';
import { errorOf, RawConnection, rawRequest, startServer, type TestServer } from './harness.ts';

const alice = makeCertificate(['Alice <alice@example.org>']);
const bob = makeCertificate(['Bob <bob@example.org>']);
const FORM = 'Content-Type: application/x-www-form-urlencoded\r\n';
const HEAD = 'POST /pks/add HTTP/1.1\r\nHost: h\r\n';

const held = async ({ keystore }: TestServer): Promise<number> => (await keystore.status()).certificates;
const form = (keytext: string): string => new URLSearchParams({ keytext }).toString();
const chunk = (text: string): string => `${text.length.toString(16)}\r\n${text}\r\n`;

describe('bodies', () => {
  it('H7 a body in chunks is accepted', async () => {
    const server = await startServer();
    const body = form(alice.armored);
    const chunks = chunk(body.slice(0, 100)) + chunk(body.slice(100));
    const answer = await rawRequest(
      server.port,
      `${HEAD}${FORM}Connection: close\r\nTransfer-Encoding: chunked\r\n\r\n${chunks}0\r\n\r\n`,
    );
    expect(answer).toMatch(/^HTTP\/1.1 200 /);
    expect(await held(server)).toBe(1);
  });

  it('H7 a body in chunks counts against the limit', async () => {
    const server = await startServer({ limits: { uploadOctets: 1000 } });
    const chunks = chunk('a'.repeat(1500)).repeat(2);
    const answer = await rawRequest(
      server.port,
      `${HEAD}${FORM}Connection: close\r\nTransfer-Encoding: chunked\r\n\r\n${chunks}0\r\n\r\n`,
    );
    expect(answer).toMatch(/^HTTP\/1.1 413 /);
    expect(answer).toContain('2000 octets');
  });

  it('H8 a too large body that waits for 100 is 413 and never sent', async () => {
    const server = await startServer();
    const answer = await rawRequest(
      server.port,
      `${HEAD}${FORM}Expect: 100-continue\r\nContent-Length: 3000000\r\n\r\n`,
    );
    expect(answer).toMatch(/^HTTP\/1.1 413 /);
    expect(answer).not.toContain('100 Continue');
  });

  it('H8 a body of a type that is not taken is refused before it is sent', async () => {
    const server = await startServer();
    const answer = await rawRequest(
      server.port,
      `${HEAD}Content-Type: text/plain\r\nExpect: 100-continue\r\nContent-Length: 10\r\n\r\n`,
    );
    expect(answer).toMatch(/^HTTP\/1.1 415 /);
  });

  it('H8 a body within the limit is asked for', async () => {
    const server = await startServer();
    const body = form(alice.armored);
    const connection = new RawConnection(server.port).write(
      `${HEAD}${FORM}Connection: close\r\nExpect: 100-continue\r\nContent-Length: ${body.length}\r\n\r\n`,
    );
    await connection.until(/^HTTP\/1.1 100 Continue\r\n\r\n/);
    expect(await connection.write(body).wholeAnswer()).toMatch(/HTTP\/1.1 200 OK/);
  });

  it('H9 a declared length of 10 GB is 413 at once, and the connection is closed', async () => {
    const server = await startServer();
    const answer = await rawRequest(server.port, `${HEAD}${FORM}Content-Length: 10000000000\r\n\r\n`);
    expect(answer).toMatch(/^HTTP\/1.1 413 /);
    expect(answer).toMatch(/^connection: close\r$/im);
    expect(JSON.parse(answer.slice(answer.indexOf('{')))).toMatchObject({ error: { code: 413 } });
  });

  it('H9 a client that sends its whole body before it looks still reads the 413', async () => {
    const server = await startServer();
    const answer = await server.push('a'.repeat(4_000_000));
    expect(answer.status).toBe(413);
    expect((await errorOf(answer)).message).toMatch(/over the limit of \d+ octets/);
  });

  it('H10 an endless body is 413 and its connection closed', async () => {
    const server = await startServer();
    const connection = new RawConnection(server.port).write(
      `${HEAD}${FORM}Transfer-Encoding: chunked\r\n\r\n`,
    );
    const piece = chunk('a'.repeat(64 * 1024));
    let sent = 0;
    while (!connection.socket.destroyed && !connection.socket.closed) {
      if (connection.socket.writableLength > 1024 * 1024) {
        await delay(1);
        continue;
      }
      connection.write(piece);
      sent += piece.length;
      await delay(0);
    }
    expect(connection.received).toMatch(/^HTTP\/1.1 413 /);
    // 2 MiB are the limit and 8 MiB are thrown away; the rest is in buffers of the sockets.
    expect(sent).toBeLessThan(64 * 1024 * 1024);
    expect((await server.get('/healthz')).status).toBe(200);
  });

  it('H12 a client that hangs up in its body leaves nothing behind', async () => {
    const server = await startServer();
    const body = form(alice.armored);
    const connection = new RawConnection(server.port);
    connection.write(`${HEAD}${FORM}Content-Length: ${body.length}\r\n\r\n${body.slice(0, -20)}`);
    await delay(20);
    connection.socket.destroy();
    while (!server.lines.some(({ message }) => message === 'request')) await delay(5);
    expect(await held(server)).toBe(0);
    expect(server.lines.filter(({ level }) => level === 'error')).toEqual([]);
    expect((await server.push(bob.armored)).status).toBe(200);
  });

  it.each(['text/plain', 'application/json', 'text/html', 'nonsense', 'application/pgp-signature'])(
    'H13 a body of type %s is 415',
    async (type) => {
      const server = await startServer();
      const answer = await server.get('/pks/add', {
        method: 'POST',
        body: form(alice.armored),
        headers: { 'Content-Type': type },
      });
      expect(answer.status).toBe(415);
      expect(await held(server)).toBe(0);
    },
  );

  it.each([
    ['application/pgp-keys', alice.armored],
    ['application/pgp-keys', alice.bytes],
    ['Application/PGP-Keys; charset=utf-8', alice.armored],
    ['application/pgp', alice.bytes],
    ['application/octet-stream', alice.bytes],
    ['application/x-www-form-urlencoded; charset=utf-8', form(alice.armored)],
    // curl --data-binary @key.asc
    ['application/x-www-form-urlencoded', alice.armored],
    // curl -d "keytext=$(cat key.asc)", with nothing encoded
    ['application/x-www-form-urlencoded', `keytext=${alice.armored}`],
  ])('H13 a key is accepted as %s', async (type, body) => {
    const server = await startServer();
    const sent = typeof body === 'string' ? body : new Uint8Array(body);
    const answer = await server.get('/pks/add', {
      method: 'POST',
      body: sent,
      headers: { 'Content-Type': type },
    });
    expect(answer.status).toBe(200);
    const record = await server.keystore.get(alice.fingerprint);
    expect(alice.bytes).toEqual(Buffer.from(record?.bytes ?? []));
  });

  it.each([form(alice.armored), alice.armored])(
    'H13 a key without a Content-Type is accepted',
    async (body) => {
      const server = await startServer();
      const answer = await rawRequest(
        server.port,
        `${HEAD}Connection: close\r\nContent-Length: ${body.length}\r\n\r\n${body}`,
      );
      expect(answer).toMatch(/^HTTP\/1.1 200 /);
    },
  );

  it.each(['/', '/key.asc', '/my%20key.pgp'])(
    'a key sent by PUT to %s is accepted, as curl -T does',
    async (path) => {
      const server = await startServer();
      const answer = await rawRequest(
        server.port,
        `PUT ${path} HTTP/1.1\r\nHost: h\r\nConnection: close\r\nContent-Length: ${alice.armored.length}\r\n\r\n${alice.armored}`,
      );
      expect(answer).toMatch(/^HTTP\/1.1 200 /);
      expect(await held(server)).toBe(1);
    },
  );

  it('H14 a multipart form with keytext as text and as files is accepted, empty parts are not keys', async () => {
    const server = await startServer();
    const body = new FormData();
    body.append('keytext', alice.armored);
    body.append('keytext', new Blob([new Uint8Array(bob.bytes)]), 'bob.pgp');
    body.append('keytext', new Blob([]), '');
    const answer = await server.get('/pks/add', { method: 'POST', body });
    expect(answer.status).toBe(200);
    expect(await held(server)).toBe(2);
  });

  it.each([
    ['multipart/form-data; boundary=x', 'nothing of the kind', 'the multipart'],
    ['multipart/form-data', '--x\r\n\r\n', 'the multipart'],
  ])('H14 a multipart form that cannot be read is 400: %s', async (type, body, message) => {
    const server = await startServer();
    const answer = await server.get('/pks/add', { method: 'POST', body, headers: { 'Content-Type': type } });
    expect(answer.status).toBe(400);
    expect((await errorOf(answer)).message).toContain(message);
  });

  it('H15 a compressed body is 415: nothing is ever inflated', async () => {
    const server = await startServer();
    const answer = await server.get('/pks/add', {
      method: 'POST',
      body: gzipSync(form(alice.armored)),
      headers: { 'Content-Type': 'application/x-www-form-urlencoded', 'Content-Encoding': 'gzip' },
    });
    expect(answer.status).toBe(415);
    expect(answer.headers.get('accept-encoding')).toBe('identity');
    expect(await held(server)).toBe(0);
  });

  it('H17 two values of keytext are both processed', async () => {
    const server = await startServer();
    const body = `${form(alice.armored)}&${form(bob.armored)}`;
    const answer = await server.get('/pks/add', {
      method: 'POST',
      body,
      headers: { 'Content-Type': 'application/x-www-form-urlencoded' },
    });
    expect(answer.status).toBe(200);
    expect(await answer.text()).toMatch(/^2 of 2 certificates accepted\./);
    expect(await held(server)).toBe(2);
  });

  it('a form of very many variables or parts is 400, and not worked through', async () => {
    const server = await startServer();
    const type = { 'Content-Type': 'application/x-www-form-urlencoded' };
    for (const body of ['%zz&'.repeat(500_000), `${'x&'.repeat(200)}${form(alice.armored)}`]) {
      expect((await server.get('/pks/add', { method: 'POST', body, headers: type })).status).toBe(400);
    }
    expect((await server.get(`/pks/lookup?op=index&search=a${'&x'.repeat(200)}`)).status).toBe(400);
    const part = '--x\r\nContent-Disposition: form-data; name="a"\r\n\r\n\r\n';
    const headers = { 'Content-Type': 'multipart/form-data; boundary=x' };
    const parts = await server.get('/pks/add', {
      method: 'POST',
      body: `${part.repeat(1000)}--x--\r\n`,
      headers,
    });
    expect((await errorOf(parts)).message).toContain('128');
  });

  it('H18 keytext in the address counts when the body has none, and the body wins', async () => {
    const server = await startServer();
    const query = `?${form(alice.armored)}`;
    expect((await server.push(bob.armored, { query })).status).toBe(200);
    expect(await server.keystore.get(alice.fingerprint)).toBeUndefined();
    const bare = await server.get(`/pks/add${query}`, { method: 'POST' });
    expect(bare.status).toBe(200);
    expect(await server.keystore.get(alice.fingerprint)).toBeDefined();
  });

  it('H18 an address of 100 KiB is no reason for 431', async () => {
    const server = await startServer();
    const query = `?${form(alice.armored)}&padding=${'a'.repeat(100 * 1024)}`;
    expect((await server.push(alice.armored, { query })).status).toBe(200);
  });

  it('a push without a key is 400 and says where a key belongs', async () => {
    const server = await startServer();
    for (const body of ['', 'keytext=', 'key=x', 'keytext']) {
      const answer = await server.get('/pks/add', {
        method: 'POST',
        body,
        headers: { 'Content-Type': 'application/x-www-form-urlencoded' },
      });
      expect(answer.status).toBe(400);
      expect((await errorOf(answer)).message).toContain('keytext');
    }
  });
});
