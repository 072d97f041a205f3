/* hkp.md 5.3: what concerns the request of a push. The certificates themselves: test/openpgp. */
import { describe, expect, it } from 'vitest';
import { armor } from '../../src/openpgp/armor.ts';
import { DEFAULT_CHECK_LIMITS } from '../../src/openpgp/limits.ts';
import { createSubmit } from '../../src/hkp/submit.ts';
import { KeystoreError } from '../../src/keystore/error.ts';
import { MemoryKeystore } from '../../src/keystore/memory.ts';
import { framePacket } from '../../src/openpgp/packet.ts';
import { keyring, makeCertificate, TestKey, subpackets } from '../fixtures/test-key.ts';
import { errorOf, startServer, type TestServer } from './harness.ts';

const alice = makeCertificate(['Alice <alice@example.org>']);
const bob = makeCertificate(['Bob <bob@example.org>']);
const carol = makeCertificate(['Carol <carol@example.org>']);
const FRAMING = { legacy: false, lengthOctets: 1 };

const count = async ({ keystore }: TestServer): Promise<number> => (await keystore.status()).certificates;

/** A public key packet that nothing is bound to. */
const bare = (key = new TestKey()): Uint8Array => key.key.packet.raw;

describe('uploads', () => {
  it('U1 a key that is held already is 200 and changes nothing', async () => {
    const server = await startServer();
    await server.push(alice.armored);
    const before = await server.keystore.status();
    const again = await server.push(alice.armored);
    expect(again.status).toBe(200);
    expect(await again.text()).toBe(
      `1 of 1 certificate accepted. ${alice.fingerprint} was already here, unchanged.\n`,
    );
    expect(await server.keystore.status()).toEqual(before);
  });

  it('U3 text around the armor is passed over', async () => {
    const server = await startServer();
    const mail = `Dear server,\r\n\r\nhere is my key:\r\n\r\n${alice.armored.replaceAll('\n', '\r\n')}\r\n-- \r\nAlice\r\n`;
    expect((await server.push(mail)).status).toBe(200);
  });

  it.each([
    ['quoted', alice.armored.replace(/^/gm, '> ')],
    ['dash-escaped', alice.armored.replace(/^-/gm, '- -')],
    ['cut off', alice.armored.slice(0, -60)],
    ['empty', ''],
    ['only spaces', ' \n '],
    ['a private letter', 'hello'],
  ])('U3 U9 a keytext that is %s is 400 with a reason', async (_, keytext) => {
    const server = await startServer();
    const answer = await server.push(keytext);
    expect(answer.status).toBe(400);
    expect((await errorOf(answer)).message).not.toBe('');
    expect(await count(server)).toBe(0);
  });

  it('U49 what the headers of an armor say of the key counts for nothing', async () => {
    const server = await startServer();
    const liar = bob.armored.replace(
      '\n\n',
      `\nComment: ${alice.fingerprint}\nVersion: Alice <a@example.org>\n\n`,
    );
    expect((await server.push(liar)).status).toBe(200);
    expect((await server.get(`/pks/lookup?op=get&search=0x${alice.fingerprint}`)).status).toBe(404);
    const answer = await server.get(`/pks/lookup?op=get&options=mr&search=0x${bob.fingerprint}`);
    expect(await answer.text()).toBe(bob.armored);
  });

  it('U5 an armored file is taken by what is in it', async () => {
    const server = await startServer();
    expect((await server.push(alice.armored.replaceAll('PUBLIC KEY BLOCK', 'ARMORED FILE'))).status).toBe(
      200,
    );
  });

  it('U37 a key revocation is taken also as a SIGNATURE, as sq labels the one it makes with a key', async () => {
    const server = await startServer();
    const { key, armored } = makeCertificate();
    await server.push(armored);
    const labelled = armor(key.revoke().raw).replaceAll('PUBLIC KEY BLOCK', 'SIGNATURE');
    const answer = await server.push(labelled);
    expect(answer.status).toBe(200);
    expect(await answer.text()).toContain('was updated');
  });

  it.each(['MESSAGE', 'SIGNATURE', 'SIGNED MESSAGE'])('U5 armor of a %s is 400', async (label) => {
    const server = await startServer();
    const answer = await server.push(alice.armored.replaceAll('PUBLIC KEY BLOCK', label));
    expect(answer.status).toBe(400);
    expect(await count(server)).toBe(0);
  });

  it('U6 all armor blocks of a keytext are read', async () => {
    const server = await startServer();
    const answer = await server.push(`${alice.armored}\n${bob.armored}`);
    expect(await answer.text()).toBe(
      `2 of 2 certificates accepted. ${alice.fingerprint} is new. ${bob.fingerprint} is new.\n`,
    );
    expect(await count(server)).toBe(2);
  });

  it('U6 a bare revocation in a block of its own takes effect, wherever it stands', async () => {
    const server = await startServer();
    const revocation = armor(alice.key.revoke({ hashed: [subpackets.reason(2)] }).raw);
    expect((await server.push(`${alice.armored}\n${bob.armored}\n${revocation}`)).status).toBe(200);
    const index = await server.get('/pks/lookup?op=index&options=mr&search=alice');
    expect(await index.text()).toMatch(/^pub:.*:r$/m);
  });

  it('U7 all certificates of one armor are read and counted', async () => {
    const server = await startServer();
    const answer = await server.push(armor(Buffer.concat([alice.bytes, bob.bytes, carol.bytes])));
    expect(answer.status).toBe(200);
    const text = await answer.text();
    expect(text).toMatch(/^3 of 3 certificates accepted\./);
    expect(text.match(/\n/g)).toHaveLength(1);
    expect(await count(server)).toBe(3);
  });

  it('U8 very many keys in one post are 413', async () => {
    const server = await startServer();
    const answer = await server.push(armor(Buffer.concat(Array.from({ length: 101 }, () => bare()))));
    expect(answer.status).toBe(413);
    expect((await errorOf(answer)).message).toContain('100');
  });

  it.each([
    ['nothing', Buffer.of()],
    ['only a marker', framePacket(10, Buffer.from('PGP'), FRAMING).raw],
    ['only padding', framePacket(21, Buffer.alloc(20), FRAMING).raw],
  ])('U9 armor that holds %s is 400 or 422', async (_, bytes) => {
    const server = await startServer();
    expect([400, 422]).toContain((await server.push(armor(bytes))).status);
  });

  it('U10 base64 that is none is 400', async () => {
    const server = await startServer();
    const broken = alice.armored.replace(/\n\n..../, '\n\n!!!!');
    expect((await server.push(broken)).status).toBe(400);
  });

  it('U10 ten megabytes of line ends are 413, since they are over the limit; a megabyte of them is 400', async () => {
    const server = await startServer();
    const raw = (body: string): Promise<Response> =>
      server.get('/pks/add', { method: 'POST', body, headers: { 'Content-Type': 'application/pgp-keys' } });
    expect((await raw('\n'.repeat(10_000_000))).status).toBe(413);
    expect((await raw('\n'.repeat(1_000_000))).status).toBe(400);
    expect((await raw(`-----BEGIN PGP PUBLIC KEY BLOCK-----\n${'\n'.repeat(1_000_000)}`)).status).toBe(400);
  });

  it('U11 a binary key in keytext is 400', async () => {
    const server = await startServer();
    const answer = await server.get('/pks/add', {
      method: 'POST',
      body: `keytext=${[...alice.bytes].map((octet) => `%${octet.toString(16).padStart(2, '0')}`).join('')}`,
      headers: { 'Content-Type': 'application/x-www-form-urlencoded' },
    });
    expect(answer.status).toBe(400);
    expect((await errorOf(answer)).message).toContain('armor');
  });

  it.each([
    ['under its own label', 5, 'PRIVATE KEY BLOCK'],
    ['called public', 5, 'PUBLIC KEY BLOCK'],
    ['a secret subkey', 7, 'PUBLIC KEY BLOCK'],
  ])('U16 a secret key, %s, is 400: nothing is stored, nothing logged', async (_, tag, label) => {
    const server = await startServer();
    const secret = framePacket(
      tag,
      Buffer.concat([bob.key.key.packet.body, Buffer.from('\0topsecret')]),
      FRAMING,
    );
    const armored = armor(Buffer.concat([secret.raw])).replaceAll('PUBLIC KEY BLOCK', label);
    const answer = await server.push(`${alice.armored}\n${armored}`);
    expect(answer.status).toBe(400);
    expect((await errorOf(answer)).message).toMatch(/secret key/);
    expect(await count(server)).toBe(0);
    const log = JSON.stringify(server.lines);
    expect(log).not.toContain('topsecret');
    expect(log).not.toContain(Buffer.from('topsecret').toString('base64').slice(2, 8));
  });

  it('U32 a certificate over the limit is 413 and the message names the limit', async () => {
    const keystore = new MemoryKeystore({ now: () => 0 });
    const limits = { ...DEFAULT_CHECK_LIMITS, certificateOctets: 300 };
    const submit = createSubmit({ keystore, limits, thirdParty: 'strip', blocked: new Set() });
    const server = await startServer({ keystore, submit });
    const answer = await server.push(alice.armored);
    expect(answer.status).toBe(413);
    expect((await errorOf(answer)).message).toContain('300');
  });

  it('U32 an upload over the limit is 413 and the message names the limit', async () => {
    const server = await startServer({ limits: { uploadOctets: 900 } });
    const answer = await server.push(armor(Buffer.concat([alice.bytes, bob.bytes])));
    expect(answer.status).toBe(413);
    expect((await errorOf(answer)).message).toContain('900');
  });

  it('U51 of one good and one bad certificate the good one is stored, and the answer names both', async () => {
    const server = await startServer();
    const stray = new TestKey();
    const answer = await server.push(`${alice.armored}\n${armor(bare(stray))}`);
    expect(answer.status).toBe(200);
    const text = await answer.text();
    expect(text).toMatch(/^1 of 2 certificates accepted\. /);
    expect(text).toContain(`${alice.fingerprint} is new.`);
    expect(text).toContain(`${stray.fingerprint} was refused: `);
  });

  it('U51 when none is good the answer is 422 with the reason', async () => {
    const server = await startServer();
    const answer = await server.push(armor(bare()));
    expect(answer.status).toBe(422);
    expect((await errorOf(answer)).message).toMatch(
      /^0 of 1 certificate accepted\. [0-9A-F]{40} was refused: /,
    );
  });

  it('U52 a blocked certificate is 403', async () => {
    const keystore = new MemoryKeystore({ now: () => 0 });
    const blocked = new Set([alice.fingerprint]);
    const submit = createSubmit({ keystore, limits: DEFAULT_CHECK_LIMITS, thirdParty: 'strip', blocked });
    const server = await startServer({ keystore, submit });
    expect((await server.push(alice.armored)).status).toBe(403);
    expect(await count(server)).toBe(0);
  });

  it('U53 options=nm refuses with 422 what would not be kept whole, in the body as in the address', async () => {
    const signed = keyring(
      ...alice.packets.slice(0, 3),
      bob.key.certify(alice.packets[1] ?? userIdMissing(), { of: alice.key }),
    );
    for (const where of ['query', 'body']) {
      const server = await startServer();
      const body = new URLSearchParams({
        keytext: armor(signed),
        ...(where === 'body' ? { options: 'x,NM' } : {}),
      });
      const answer = await server.get(`/pks/add${where === 'query' ? '?options=nm' : ''}`, {
        method: 'POST',
        body,
      });
      expect(answer.status).toBe(422);
      expect(await count(server)).toBe(0);
      expect((await server.push(alice.armored, { query: '?options=nm' })).status).toBe(200);
    }
  });

  it('what was left out is in the answer, with the reason', async () => {
    const server = await startServer();
    const signed = keyring(
      ...alice.packets.slice(0, 3),
      bob.key.certify(alice.packets[1] ?? userIdMissing(), { of: alice.key }),
    );
    const text = await (await server.push(armor(signed))).text();
    expect(text).toMatch(
      new RegExp(
        `^1 of 1 certificate accepted\\. ${alice.fingerprint} is new; left out 1 third-party certification \\(.+\\)\\.\n$`,
      ),
    );
  });

  it('U55 a disk that refuses the write is 507 in JSON, and reads go on', async () => {
    const keystore = new MemoryKeystore({ now: () => 0 });
    const submit = (): Promise<never> =>
      Promise.reject(new KeystoreError('WRITE_FAILED', 'ENOSPC in /var/lib/vouch'));
    const server = await startServer({ keystore, submit });
    await server.hold(alice.bytes);
    const answer = await server.push(bob.armored);
    expect(answer.status).toBe(507);
    expect((await errorOf(answer)).message).not.toContain('/var/lib');
    expect((await server.get('/pks/lookup?op=get&search=alice')).status).toBe(200);
  });

  it('the answer is JSON or a page for those who ask for it', async () => {
    const server = await startServer();
    const json = await server.push(alice.armored, { headers: { Accept: 'application/json' } });
    expect(await json.json()).toMatchObject({
      message: expect.stringContaining('accepted'),
      inserted: [{ version: 4, fingerprint: alice.fingerprint.toLowerCase() }],
    });
    const option = await server.push(alice.armored, { query: '?options=json' });
    expect(option.headers.get('content-type')).toBe('application/json');
    const page = await server.push(alice.armored, { headers: { Accept: 'text/html' } });
    expect(await page.text()).toContain('<!doctype html>');
    const text = await server.push(alice.armored);
    expect(text.headers.get('content-type')).toBe('text/plain; charset=utf-8');
  });
});

function userIdMissing(): never {
  throw new Error('the certificate has no user ID');
}
