/* Keys removed by their owners: over HTTP against the whole application. */
import { describe, expect, it } from 'vitest';
import { MAX_CLOCK_SKEW } from '../../src/hkp/limits.ts';
import type { KeystoreAppParts } from '../../src/server/app.ts';
import { MemoryKeystore } from '../../src/keystore/memory.ts';
import { DAY, keyring, makeCertificate, subpackets } from '../fixtures/test-key.ts';
import type { TestCertificate, TestKey } from '../fixtures/test-key.ts';
import { clearsign } from './clearsign.ts';
import { errorOf, NOW, startServer, type TestServer } from './harness.ts';

const HOME = 'https://keys.example.org';

const withHome = (parts: Partial<KeystoreAppParts> = {}): Promise<TestServer> =>
  startServer({ publicUrl: HOME, ...parts });

const address = (fingerprint: string): string => `/vouch/v1/removal/${fingerprint}`;

async function challengeOf(server: TestServer, fingerprint: string): Promise<string> {
  const answer = await server.get(address(fingerprint));
  expect(answer.status).toBe(200);
  return (await answer.text()).trimEnd();
}

const send = (server: TestServer, fingerprint: string, body: string): Promise<Response> =>
  server.get(address(fingerprint), { method: 'POST', body, headers: { 'Content-Type': 'text/plain' } });

async function expectRefused(answer: Response, status: number, says: RegExp): Promise<void> {
  expect(answer.status).toBe(status);
  expect((await errorOf(answer)).message).toMatch(says);
}

async function held(server: TestServer, { fingerprint }: TestCertificate): Promise<boolean> {
  return (await server.keystore.get(fingerprint)) !== undefined;
}

describe('a removal signed by the owner', () => {
  it.each<[string, (alice: TestCertificate) => TestKey]>([
    ['a subkey that signs', ({ subkey }) => subkey],
    ['the primary key', ({ key }) => key],
  ])('by %s takes the key out, and leaves a tombstone of the owner', async (_, signerOf) => {
    const server = await withHome();
    const alice = makeCertificate();
    await server.hold(alice.bytes);
    const message = clearsign(await challengeOf(server, alice.fingerprint), signerOf(alice));
    const answer = await send(server, alice.fingerprint, message);
    expect(await answer.text()).toContain(alice.fingerprint.toLowerCase());
    expect(answer.status).toBe(200);
    expect(await held(server, alice)).toBe(false);
    const [tombstone] = await server.keystore.tombstones([alice.fingerprint]);
    expect(tombstone).toMatchObject({ by: 'owner' });
    expect((await server.push(alice.armored)).status).toBe(403);
    const page = await server.get(`/key/${alice.fingerprint}`, { headers: { Accept: 'text/html' } });
    expect(await page.text()).toContain('Its owner');
  });

  it('F6 is not taken twice, even when the key has come back meanwhile', async () => {
    const server = await withHome();
    const alice = makeCertificate();
    await server.hold(alice.bytes);
    const message = clearsign(await challengeOf(server, alice.fingerprint), alice.key);
    expect((await send(server, alice.fingerprint, message)).status).toBe(200);
    await server.keystore.unblock(alice.fingerprint);
    await server.hold(alice.bytes);
    await expectRefused(await send(server, alice.fingerprint, message), 400, /used already/);
    expect(await held(server, alice)).toBe(true);
  });

  it('is taken once of two that come at the same moment', async () => {
    const server = await withHome();
    const alice = makeCertificate();
    await server.hold(alice.bytes);
    const message = clearsign(await challengeOf(server, alice.fingerprint), alice.key);
    const answers = await Promise.all([1, 2, 3].map(() => send(server, alice.fingerprint, message)));
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(1);
  });

  it('is not taken after its hour, and the number used is forgotten then', async () => {
    const server = await withHome();
    const alice = makeCertificate();
    const bob = makeCertificate(['Bob <bob@example.net>']);
    await server.hold(alice.bytes);
    await server.hold(bob.bytes);
    const late = clearsign(await challengeOf(server, alice.fingerprint), alice.key);
    const used = clearsign(await challengeOf(server, bob.fingerprint), bob.key);
    expect((await send(server, bob.fingerprint, used)).status).toBe(200);
    server.clock.seconds += 3600;
    await expectRefused(await send(server, alice.fingerprint, late), 400, /expired/);
    expect(await held(server, alice)).toBe(true);
    await server.keystore.unblock(bob.fingerprint);
    await server.hold(bob.bytes);
    await expectRefused(await send(server, bob.fingerprint, used), 400, /expired/);
    // Another server on the same store, whose clock is behind, may still take what has ended here.
    server.clock.seconds += MAX_CLOCK_SKEW;
    const fresh = clearsign(await challengeOf(server, alice.fingerprint), alice.key);
    expect((await send(server, alice.fingerprint, fresh)).status).toBe(200);
    let kept = 0;
    for await (const _ of server.keystore.documents('removal-used')) kept += 1;
    expect(kept).toBe(1);
  });

  it('F6 for another server is not taken, even by one with the same secret', async () => {
    const keystore = new MemoryKeystore({ now: () => NOW * 1000 });
    const server = await withHome({ keystore });
    const restored = await startServer({ keystore, publicUrl: 'https://other.example.org' });
    const alice = makeCertificate();
    await server.hold(alice.bytes);
    const message = clearsign(await challengeOf(server, alice.fingerprint), alice.key);
    await expectRefused(await send(restored, alice.fingerprint, message), 400, /another server/);
    const elsewhere = await withHome();
    await elsewhere.hold(alice.bytes);
    await expectRefused(await send(elsewhere, alice.fingerprint, message), 400, /not one that this server/);
  });

  it('for another key is not taken, and neither is one by another key', async () => {
    const server = await withHome();
    const alice = makeCertificate();
    const mallory = makeCertificate(['Mallory <mallory@example.net>']);
    await server.hold(alice.bytes);
    await server.hold(mallory.bytes);
    const own = clearsign(await challengeOf(server, mallory.fingerprint), mallory.key);
    await expectRefused(await send(server, alice.fingerprint, own), 400, /another key/);
    const foreign = clearsign(await challengeOf(server, alice.fingerprint), mallory.key);
    await expectRefused(await send(server, alice.fingerprint, foreign), 403, /another key/);
    expect(await held(server, alice)).toBe(true);
    expect(await held(server, mallory)).toBe(true);
  });

  it.each<[string, (text: string) => string]>([
    ['another end', (text) => text.replace(/expires: \d{4}/, 'expires: 2099')],
    ['another fingerprint', (text) => text.replace(/[0-9A-F]{40}/, (one) => `${one.slice(1)}0`)],
    ['another number', (text) => text.replace(/nonce: ..../, 'nonce: 0000')],
    ['another code', (text) => text.replace(/code: ..../, 'code: 0000')],
    ['no code', (text) => text.replace(/\ncode.*$/, '')],
    ['words after it', (text) => `${text}\nand more`],
    ['words before it', (text) => `more\n${text}`],
  ])('of a text with %s is not taken', async (_, change) => {
    const server = await withHome();
    const alice = makeCertificate();
    await server.hold(alice.bytes);
    const changed = change(await challengeOf(server, alice.fingerprint));
    await expectRefused(
      await send(server, alice.fingerprint, clearsign(changed, alice.key)),
      400,
      /not one that this server|another key/,
    );
    expect(await held(server, alice)).toBe(true);
  });

  it('whose text was changed after it was signed is not taken', async () => {
    const server = await withHome();
    const alice = makeCertificate();
    await server.hold(alice.bytes);
    const old = clearsign(await challengeOf(server, alice.fingerprint), alice.key);
    const signature = old.slice(old.indexOf('-----BEGIN PGP SIGNATURE'));
    const fresh = await challengeOf(server, alice.fingerprint);
    const pasted = `-----BEGIN PGP SIGNED MESSAGE-----\nHash: SHA256\n\n${fresh}\n${signature}`;
    await expectRefused(await send(server, alice.fingerprint, pasted), 403, /bad signature/);
  });

  it.each<[string, (alice: TestCertificate) => TestCertificate['packets'], RegExp]>([
    [
      'is revoked',
      ({ key, packets: [primary, ...rest] }) => [primary, key.revoke(), ...rest].flatMap((one) => one ?? []),
      /revoked/,
    ],
    [
      'has a revoked subkey that signed',
      ({ key, subkey, packets }) => [...packets, key.revokeSubkey(subkey)],
      /revoked/,
    ],
  ])('by a key that %s is refused', async (_, packetsOf, says) => {
    const server = await withHome();
    const alice = makeCertificate();
    await server.hold(keyring(...packetsOf(alice)));
    const message = clearsign(await challengeOf(server, alice.fingerprint), alice.subkey);
    await expectRefused(await send(server, alice.fingerprint, message), 403, says);
    expect(await held(server, alice)).toBe(true);
  });

  it('by a key that has expired is refused', async () => {
    const server = await withHome();
    const alice = makeCertificate(undefined, { self: { hashed: [subpackets.keyExpires(DAY / 2)] } });
    await server.hold(alice.bytes);
    const message = clearsign(await challengeOf(server, alice.fingerprint), alice.key);
    await expectRefused(await send(server, alice.fingerprint, message), 403, /expired/);
  });

  it('bears a clock that is some minutes ahead, and no more', async () => {
    const server = await withHome();
    const alice = makeCertificate();
    await server.hold(alice.bytes);
    const text = await challengeOf(server, alice.fingerprint);
    await expectRefused(
      await send(server, alice.fingerprint, clearsign(text, alice.key, NOW + 600)),
      403,
      /from future/,
    );
    expect((await send(server, alice.fingerprint, clearsign(text, alice.key, NOW + 200))).status).toBe(200);
  });

  it.each([
    ['nothing', ''],
    ['a text without a signature', 'vouch-removal: 1'],
    ['more than a signed text may be', 'x'.repeat(10_000)],
  ])('with %s instead is refused', async (_, body) => {
    const server = await withHome();
    const alice = makeCertificate();
    await server.hold(alice.bytes);
    expect([400, 413]).toContain((await send(server, alice.fingerprint, body)).status);
  });

  it('forgets what was proven of the key', async () => {
    const server = await withHome();
    const alice = makeCertificate();
    await server.hold(alice.bytes);
    await server.keystore.putDocument('proof', alice.fingerprint, { addresses: [] }, 0);
    await send(server, alice.fingerprint, clearsign(await challengeOf(server, alice.fingerprint), alice.key));
    expect(await server.keystore.document('proof', alice.fingerprint)).toBeUndefined();
  });
});

describe('the text for a removal', () => {
  it('is given for a primary key that is held only, by a server that knows its address', async () => {
    const server = await withHome();
    const alice = makeCertificate();
    await server.hold(alice.bytes);
    expect((await server.get(address('A'.repeat(40)))).status).toBe(404);
    expect((await server.get(address(alice.subkey.fingerprint))).status).toBe(404);
    expect((await server.get(address('xyz'))).status).toBe(400);
    const nameless = await startServer();
    await nameless.hold(alice.bytes);
    expect((await nameless.get(address(alice.fingerprint))).status).toBe(404);
  });

  it('is another each time, and nothing is stored for it but the secret', async () => {
    const server = await withHome();
    const alice = makeCertificate();
    await server.hold(alice.bytes);
    const texts = await Promise.all([1, 2, 3].map(() => challengeOf(server, alice.fingerprint)));
    expect(new Set(texts).size).toBe(3);
    const kinds: string[] = [];
    for await (const item of server.keystore.items())
      if (item.type === 'document') kinds.push(item.document.kind);
    expect(kinds).toEqual(['secret']);
  });
});
