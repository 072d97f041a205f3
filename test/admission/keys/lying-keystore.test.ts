/* Whatever a keystore sends: what the host knows of its keys stays, and counts until its last good answer is old. */
import { createServer } from 'node:http';
import type { RequestListener, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { gzipSync } from 'node:zlib';
import { expect, it, onTestFinished } from 'vitest';
import { HkpClient } from '../../../src/hkp/client.ts';
import { armor } from '../../../src/openpgp/armor.ts';
import { serializeCertificate } from '../../../src/openpgp/certificate.ts';
import { keyring, makeCertificate, TestKey } from '../../fixtures/test-key.ts';
import { revoked } from '../../daemon/process/revoked.ts';
import { hostWith, HOUR, START } from './host.ts';

const ALICE = makeCertificate(['Alice <alice@example.org>']);
const MALLORY = makeCertificate(['Alice <alice@example.org>']);

/** Milliseconds: what hangs is given up after this. */
const TIMEOUT = 400;

const says =
  (body: string | Uint8Array, status = 200, headers: Record<string, string> = {}): RequestListener =>
  (_, response) =>
    void response.writeHead(status, headers).end(body);

/** Answers both questions of a refresh, for the key and for the change log, in the same way. */
const LIES: readonly (readonly [string, RequestListener])[] = [
  ['another certificate', says(MALLORY.armored)],
  ['octets that are nothing', says(Buffer.from(Array.from({ length: 5000 }, (_, i) => (i * 7919) & 0xff)))],
  ['an empty answer', says('')],
  ['a page of HTML', says('<html><body>captive portal</body></html>', 200, { 'Content-Type': 'text/html' })],
  ['a secret key', says(armor(Buffer.concat([Buffer.of(0xc5, 4, 4, 1, 2, 3), ALICE.bytes])))],
  ['the bare key, which nothing is bound to', says(armor(ALICE.key.key.packet.raw))],
  ['the key with a user ID that somebody else signed', says(armor(forgedUserId()))],
  [
    'a compressed answer that grows without end',
    says(gzipSync(Buffer.alloc(64 << 20)), 200, { 'Content-Encoding': 'gzip' }),
  ],
  ['what is not compressed and says that it is', says('x', 200, { 'Content-Encoding': 'gzip' })],
  ['a body without an end', (_, response) => pour(response)],
  ['a body that does not come', (_, response) => void response.writeHead(200).write('-----BEGIN')],
  ['nothing', () => undefined],
  ['a broken connection', (_, response) => void response.destroy()],
  [
    'a shorter body than it says',
    (_, response) => void response.writeHead(200, { 'Content-Length': 100 }).end('x'),
  ],
  [
    'a redirect to itself',
    (request, response) => void response.writeHead(302, { Location: request.url }).end(),
  ],
  [
    'a redirect to a file',
    (_, response) => void response.writeHead(302, { Location: 'file:///etc/passwd' }).end(),
  ],
  ['500 with a certificate', says(MALLORY.armored, 500)],
  ['429', says('slow down', 429, { 'Retry-After': '999999999' })],
  ['a change log of numbers that none has', says('{"log":"x","sequence":1e308,"changes":[],"more":true}')],
  ['JSON that goes deep', says('['.repeat(100_000))],
];

function forgedUserId(): Uint8Array {
  const [, userId] = MALLORY.packets;
  if (userId === undefined) throw new Error('a certificate has a user ID');
  return keyring(ALICE.key.key.packet, userId, new TestKey().certify(userId, { of: ALICE.key }));
}

function pour(response: ServerResponse): void {
  const piece = Buffer.alloc(1 << 20, 0x41);
  const more = (): void => {
    if (!response.destroyed) response.write(piece, () => setImmediate(more));
  };
  response.writeHead(200);
  more();
}

it.each(LIES)(
  'AD15: %s changes nothing that is known, and the truth counts again when it is told',
  async (_, lie) => {
    let answer: RequestListener = says(ALICE.armored);
    const server = createServer((request, response) => {
      // An honest keystore without a change log.
      if (request.url?.startsWith('/vouch/') === true && answer !== lie) says('', 404)(request, response);
      else answer(request, response);
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    onTestFinished(() => {
      server.closeAllConnections();
      server.close();
    });
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const host = await hostWith({ keystores: [new HkpClient(url, { timeout: TIMEOUT })] });
    await host.book.pin([ALICE.fingerprint]);
    await host.book.refresh();
    const known = host.book.entry(ALICE.fingerprint);
    expect(known?.standing).toMatchObject({ lastAnswer: START / 1000, vanished: false });

    answer = lie;
    host.clock.now += 24 * HOUR;
    const report = await host.book.refresh({ force: true });
    expect(report.failed).toHaveLength(1);
    const after = host.book.entry(ALICE.fingerprint);
    expect(after?.standing).toMatchObject({ lastAnswer: START / 1000, vanished: false });
    expect(after && serializeCertificate(after.certificate)).toEqual(
      known && serializeCertificate(known.certificate),
    );
    expect(host.book.entry(MALLORY.fingerprint)).toBeUndefined();

    answer = says(revoked(ALICE).armored);
    host.clock.now += 24 * HOUR;
    expect(await host.book.refresh({ force: true })).toMatchObject({
      failed: [],
      changed: [ALICE.fingerprint],
    });
    expect(host.book.entry(ALICE.fingerprint)?.standing).toMatchObject({ lastAnswer: host.clock.now / 1000 });
  },
);
