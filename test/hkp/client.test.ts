import { createServer } from 'node:http';
import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { gzipSync } from 'node:zlib';
import { describe, expect, it, onTestFinished } from 'vitest';
import { HkpClient } from '../../src/hkp/client.ts';
import { MAX_ANSWER_OCTETS } from '../../src/hkp/client/limits.ts';
import { armor } from '../../src/openpgp/armor.ts';
import { parseCertificate, serializeCertificate } from '../../src/openpgp/certificate.ts';
import { certificateState } from '../../src/openpgp/state.ts';
import { DAY, EPOCH, keyring, makeCertificate, TestKey, userId } from '../fixtures/test-key.ts';
import { NOW, startServer } from './harness.ts';

/** A server that answers as it is told. */
async function hostileServer(answer: RequestListener): Promise<string> {
  const server = createServer(answer);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const { port } = server.address() as AddressInfo;
  return `http://127.0.0.1:${port}`;
}

const says =
  (body: string | Uint8Array, status = 200, headers: Record<string, string> = {}) =>
  (_: IncomingMessage, response: ServerResponse): void =>
    void response.writeHead(status, headers).end(body);

async function clientOf(answer: RequestListener, timeout?: number): Promise<HkpClient> {
  return new HkpClient(await hostileServer(answer), timeout === undefined ? {} : { timeout });
}

const ALICE = makeCertificate();
const MALLORY = makeCertificate(['Alice Example <alice@example.org>']);

describe('against the real keystore', () => {
  it('pushes, gets by fingerprint, key ID, short key ID and subkey, and searches', async () => {
    const { url } = await startServer();
    const client = new HkpClient(url);
    const answer = await client.push(parseCertificate(ALICE.bytes));
    expect(answer).toContain(ALICE.fingerprint);
    for (const id of [
      ALICE.fingerprint,
      ALICE.key.key.keyId,
      ALICE.fingerprint.slice(-8),
      ALICE.subkey.fingerprint,
    ]) {
      const [got, ...others] = await client.get(id);
      expect(got?.primary.key.fingerprint).toBe(ALICE.fingerprint);
      expect(others).toEqual([]);
    }
    expect(await client.search('alice@example.org')).toEqual({
      entries: [
        expect.objectContaining({
          id: ALICE.fingerprint,
          algorithm: 22,
          bits: 256,
          created: EPOCH,
          userIds: ['Alice Example <alice@example.org>'],
        }),
      ],
      more: false,
    });
    expect((await client.search(ALICE.fingerprint.toLowerCase())).entries).toHaveLength(1);
    expect(await client.version()).toBe('v1.2.3');
  });

  it('finds nothing where nothing is, which is no error', async () => {
    const { url } = await startServer();
    const client = new HkpClient(url);
    expect(await client.get(ALICE.fingerprint)).toEqual([]);
    expect(await client.search('nobody')).toEqual({ entries: [], more: false });
  });

  it('gets version 6 certificates', async () => {
    const six = makeCertificate(['Six <six@example.org>'], { version: 6 });
    const server = await startServer();
    await server.hold(six.bytes);
    const [got] = await new HkpClient(server.url).get(six.fingerprint);
    expect(got?.primary.key.fingerprint).toBe(six.fingerprint);
  });

  it('gets a revocation', async () => {
    const { url } = await startServer();
    const client = new HkpClient(url);
    const revoked = [...ALICE.packets];
    revoked.splice(1, 0, ALICE.key.revoke({ created: EPOCH + DAY }));
    await client.push(parseCertificate(keyring(...revoked)));
    const [got] = await client.get(ALICE.fingerprint);
    expect(got && certificateState(got, NOW + DAY).revoked).toBe(true);
  });

  it("passes the server's words on when it refuses", async () => {
    const { url } = await startServer();
    const unsigned = parseCertificate(keyring(...ALICE.packets.slice(0, 2)));
    await expect(new HkpClient(url).push(unsigned)).rejects.toMatchObject({
      code: 'REFUSED',
      message: expect.stringMatching(/answers 422: .*self-signature/) as string,
    });
  });

  it('searches for text with plus signs, spaces and other scripts as it is', async () => {
    const { url } = await startServer();
    const client = new HkpClient(url);
    const odd = makeCertificate(['Zoë 100% + more: <zoe+sif@example.org>']);
    await client.push(parseCertificate(odd.bytes));
    for (const text of ['zoe+sif@example.org', 'Zoë']) {
      expect((await client.search(text)).entries.map(({ userIds }) => userIds)).toEqual([
        ['Zoë 100% + more: <zoe+sif@example.org>'],
      ]);
    }
  });
});

describe('a key server is an untrusted carrier', () => {
  it('7.5 drops every certificate but the one that was asked for', async () => {
    const client = await clientOf(says(ALICE.armored + MALLORY.armored));
    const got = await client.get(ALICE.fingerprint);
    expect(got.map(({ primary }) => primary.key.fingerprint)).toEqual([ALICE.fingerprint]);
  });

  it.each([
    ['another certificate', MALLORY.armored],
    [
      'a certificate that claims the key as a subkey without its signature',
      (() => {
        const [primary, name, self] = MALLORY.packets;
        if (primary === undefined || name === undefined || self === undefined) throw new Error('no packets');
        const stolen = new TestKey({ subkey: true });
        return armor(keyring(primary, name, self, stolen.key.packet));
      })(),
    ],
  ])('does not take %s', async (_, answer) => {
    const client = await clientOf(says(answer));
    await expect(client.get(ALICE.fingerprint)).rejects.toMatchObject({ code: 'WRONG_CERTIFICATE' });
  });

  it('7.5 does not take a subkey that its owner never bound', async () => {
    const [primary, name, self] = MALLORY.packets;
    if (primary === undefined || name === undefined || self === undefined) throw new Error('no packets');
    const forged = armor(
      keyring(primary, name, self, ALICE.subkey.key.packet, MALLORY.key.bind(ALICE.subkey, { back: false })),
    );
    const client = await clientOf(says(forged));
    await expect(client.get(ALICE.subkey.fingerprint)).rejects.toMatchObject({ code: 'WRONG_CERTIFICATE' });
  });

  it('drops user IDs and revocations that the key has not signed', async () => {
    const added = userId('Root <root@example.org>');
    const packets = [...ALICE.packets];
    packets.splice(3, 0, added, MALLORY.key.certify(added, { of: ALICE.key }));
    packets.splice(1, 0, MALLORY.key.revoke({ of: ALICE.key }));
    const client = await clientOf(says(armor(keyring(...packets))));
    const [got] = await client.get(ALICE.fingerprint);
    expect(got && serializeCertificate(got).length).toBe(ALICE.bytes.length);
  });

  it.each([
    ['nothing', ''],
    ['a page', '<!DOCTYPE html><h1>Welcome</h1>'],
    ['octets', Buffer.alloc(1000, 0xc6)],
    ['armor that is cut off', ALICE.armored.slice(0, 200)],
    ['thousands of certificates', Buffer.concat(Array.from({ length: 60 }, () => MALLORY.bytes))],
  ])('refuses %s for an answer', async (_, body) => {
    const client = await clientOf(says(body));
    await expect(client.get(ALICE.fingerprint)).rejects.toMatchObject({ code: 'BAD_ANSWER' });
  });

  it('7.5 refuses a secret key', async () => {
    const secret = Buffer.from(ALICE.bytes);
    secret[0] = 0xc5;
    const client = await clientOf(says(secret));
    await expect(client.get(ALICE.fingerprint)).rejects.toMatchObject({ code: 'BAD_ANSWER' });
  });

  it('7.5 hangs up on a body without an end', async () => {
    let sent = 0;
    const client = await clientOf((_, response) => {
      const piece = Buffer.alloc(64 * 1024, 0x41);
      const more = (): void => {
        sent += piece.length;
        if (!response.destroyed) response.write(piece, () => setImmediate(more));
      };
      more();
    });
    await expect(client.get(ALICE.fingerprint)).rejects.toMatchObject({ code: 'ANSWER_TOO_LARGE' });
    expect(sent).toBeLessThan(4 * MAX_ANSWER_OCTETS);
  });

  it('7.5 stops unpacking a compressed answer at the same limit', async () => {
    const bomb = gzipSync(Buffer.alloc(64 * 1024 * 1024));
    const client = await clientOf(says(bomb, 200, { 'Content-Encoding': 'gzip' }));
    await expect(client.search('bomb')).rejects.toMatchObject({ code: 'ANSWER_TOO_LARGE' });
  });

  it('reads no more of a refusal than a message needs', async () => {
    const client = await clientOf(says(Buffer.alloc(1024 * 1024, 0x41), 500));
    await expect(client.get(ALICE.fingerprint)).rejects.toMatchObject({
      code: 'REFUSED',
      message: expect.stringMatching(/^.{1,400}$/) as string,
    });
  });

  it.each([
    ['that never begins', (): void => undefined],
    [
      'that never goes on',
      (_: IncomingMessage, response: ServerResponse): void =>
        void response.writeHead(200).write('-----BEGIN'),
    ],
  ])('gives up on an answer %s', async (_, answer) => {
    const client = await clientOf(answer, 200);
    await expect(client.get(ALICE.fingerprint)).rejects.toMatchObject({ code: 'TIMEOUT' });
  });

  it('says so when nothing listens', async () => {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    await new Promise((resolve) => server.close(resolve));
    await expect(new HkpClient(`http://127.0.0.1:${port}`).get(ALICE.fingerprint)).rejects.toMatchObject({
      code: 'UNREACHABLE',
      message: `cannot reach http://127.0.0.1:${port}: nothing listens there`,
    });
  });

  it('says so when the connection breaks', async () => {
    const client = await clientOf((_, response) => void response.destroy());
    await expect(client.get(ALICE.fingerprint)).rejects.toMatchObject({ code: 'UNREACHABLE' });
  });

  it.each([
    [401, 'UNAUTHORIZED'],
    [429, 'REFUSED'],
    [503, 'REFUSED'],
  ])('reports status %i as %s, with the words of the server', async (status, code) => {
    const client = await clientOf(
      says(JSON.stringify({ error: { code: status, message: 'not now' } }), status),
    );
    await expect(client.get(ALICE.fingerprint)).rejects.toMatchObject({
      code,
      message: expect.stringContaining(`answers ${status}: not now`) as string,
    });
  });
});

describe('redirects', () => {
  it('are followed to where the key is', async () => {
    const goal = await hostileServer(says(ALICE.armored));
    const client = await clientOf(
      (request, response) => void response.writeHead(302, { Location: `${goal}${request.url ?? ''}` }).end(),
    );
    expect(await client.get(ALICE.fingerprint)).toHaveLength(1);
  });

  it.each([
    ['round and round', '/pks/lookup'],
    ['to a file', 'file:///etc/passwd'],
    ['to nowhere', 'http://['],
    ['with a password', 'http://user:secret@127.0.0.1/'],
  ])('are not followed %s', async (_, location) => {
    let requests = 0;
    const client = await clientOf((__, response) => {
      requests += 1;
      response.writeHead(302, { Location: location }).end();
    });
    await expect(client.get(ALICE.fingerprint)).rejects.toMatchObject({ code: 'BAD_REDIRECT' });
    expect(requests).toBeLessThan(5);
  });

  it('never turn a push into something else, and carry it on where HTTP says so', async () => {
    const bodies: string[] = [];
    const goal = await hostileServer((request, response) => {
      request.setEncoding('utf8').on('data', (chunk: string) => bodies.push(chunk));
      request.on('end', () => response.end('taken'));
    });
    const certificate = parseCertificate(ALICE.bytes);
    const lost = await clientOf(says('', 302, { Location: `${goal}/pks/add` }));
    await expect(lost.push(certificate)).rejects.toMatchObject({ code: 'BAD_REDIRECT' });
    const kept = await clientOf(says('', 307, { Location: `${goal}/pks/add` }));
    expect(await kept.push(certificate)).toBe('taken');
    expect(bodies.join('')).toMatch(/^keytext=-----BEGIN\+PGP\+PUBLIC\+KEY\+BLOCK/);
  });
});

it('sends no credentials, and no more than a name of itself', async () => {
  let headers: IncomingMessage['headers'] = {};
  const url = await hostileServer((request, response) => {
    ({ headers } = request);
    response.end(ALICE.armored);
  });
  await new HkpClient(url, { userAgent: 'vouch/9' }).get(ALICE.fingerprint);
  expect(headers['user-agent']).toBe('vouch/9');
  expect(headers).not.toHaveProperty('authorization');
  expect(headers).not.toHaveProperty('cookie');
});
