import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { openStateDb } from '../../../src/admission/state-db.ts';
import type { KeystoreClient } from '../../../src/admission/keys/managed-key-book.ts';
import { HkpClient } from '../../../src/hkp/client.ts';
import { armor } from '../../../src/openpgp/armor.ts';
import { DAY, EPOCH, keyring, makeCertificate, subpackets } from '../../fixtures/test-key.ts';
import { startServer } from '../../hkp/harness.ts';
import type { TestServer } from '../../hkp/harness.ts';
import { HOUR, hostWith, keystoreOf, revocationIn, START } from './host.ts';
import type { TestHost } from './host.ts';

const ALICE = makeCertificate(['Alice <alice@example.org>']);
const BOB = makeCertificate(['Bob <bob@example.org>']);
const CODE = { compromised: 2, retired: 3 };
const revoked = (code = CODE.compromised): Uint8Array => {
  const revocation = ALICE.key.revoke({ created: EPOCH + 20 * DAY, hashed: [subpackets.reason(code)] });
  return keyring(ALICE.key.key.packet, revocation, ...ALICE.packets.slice(1));
};
const REVOKED = revoked();

/** A host whose policy names Alice, with her key in a file and at a keystore. */
async function hostAndServer(): Promise<{ host: TestHost; server: TestServer }> {
  const server = await startServer();
  await server.hold(ALICE.bytes);
  const host = await hostWith({ keystores: [new HkpClient(server.url)] });
  await host.write('alice.asc', ALICE.armored);
  await host.book.reloadLocal();
  await host.book.pin([ALICE.fingerprint]);
  return { host, server };
}

/** The address of a server that answers as it is told, and can be told otherwise. */
async function oddServer(answer: RequestListener): Promise<{ url: string; answer: RequestListener }> {
  const odd = { url: '', answer };
  const server = createServer((request, response) => odd.answer(request, response));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void (server.closeAllConnections(), server.close()));
  odd.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return odd;
}

const says =
  (body: string, status = 200, headers: Record<string, string> = {}): RequestListener =>
  (request, response) =>
    void (request.url?.startsWith('/vouch/') === true
      ? response.writeHead(404).end()
      : response.writeHead(status, headers).end(body));

describe('keys from a keystore', () => {
  it('are added to those of the host, and say where each is from', async () => {
    const { host, server } = await hostAndServer();
    await server.hold(BOB.bytes);
    await host.book.pin([ALICE.fingerprint, BOB.fingerprint]);
    expect(host.book.entry(BOB.fingerprint)).toBeUndefined();
    const report = await host.book.refresh();
    expect(report).toEqual({
      asked: 3,
      changed: [ALICE.fingerprint, BOB.fingerprint].toSorted(),
      failed: [],
    });
    expect(host.book.entry(ALICE.fingerprint)).toMatchObject({ local: true, remote: true });
    expect(host.book.entry(BOB.fingerprint)).toMatchObject({
      local: false,
      remote: true,
      standing: { asked: true, lastAnswer: START / 1000, lastPresent: START / 1000, vanished: false },
    });
  });

  it('are asked for only when the policy names them', async () => {
    const { host, server } = await hostAndServer();
    await host.write('bob.asc', BOB.armored);
    await server.hold(BOB.bytes);
    await host.book.reloadLocal();
    await host.book.refresh({ force: true });
    await host.book.refresh({ fingerprints: [BOB.fingerprint] });
    expect(host.book.entry(BOB.fingerprint)).toMatchObject({
      local: true,
      remote: false,
      standing: { asked: false },
    });
  });

  it('are found by fingerprint and key ID of primary key and subkey', async () => {
    const { host } = await hostAndServer();
    const { key, subkey } = ALICE;
    for (const { fingerprint, keyId } of [key.key, subkey.key]) {
      for (const claim of [
        { fingerprint, keyId },
        { fingerprint: undefined, keyId },
      ]) {
        expect(host.book.candidates([claim]).map((one) => one.fingerprint)).toEqual([ALICE.fingerprint]);
      }
    }
    expect(host.book.candidates([{ fingerprint: BOB.fingerprint, keyId: key.key.keyId }])).toEqual([]);
  });
});

describe('AD11 a revocation at the keystore', () => {
  it('counts for the copy of the host after a refresh, and is told as an event with a new epoch', async () => {
    const { host, server } = await hostAndServer();
    await host.book.refresh();
    await server.hold(REVOKED);
    host.clock.now += 8 * HOUR;
    const { epoch } = host.book;
    expect((await host.book.refresh()).changed).toEqual([ALICE.fingerprint]);
    const entry = host.book.entry(ALICE.fingerprint);
    expect(revocationIn(entry)).toMatchObject({ hard: true, at: EPOCH + 20 * DAY });
    expect(
      revocationIn(entry && { ...entry, certificate: entry.localCopy ?? entry.certificate }),
    ).toBeUndefined();
    expect(host.book.epoch).toBeGreaterThan(epoch);
    expect(host.events.at(-1)).toMatchObject({
      event: 'key_changed',
      fields: { fingerprint: ALICE.fingerprint },
    });
    expect(host.book.status(START / 1000).keys).toMatchObject([{ state: 'revoked-hard', pinned: true }]);
  });

  it('AD12 stays seen when the keystore serves the old copy again: a rollback, told once', async () => {
    const { host, server } = await hostAndServer();
    await server.hold(REVOKED);
    await host.book.refresh();
    await server.hold(ALICE.bytes);
    for (let round = 0; round < 2; round += 1) await host.book.refresh({ force: true });
    expect(revocationIn(host.book.entry(ALICE.fingerprint))?.hard).toBe(true);
    expect(host.book.entry(ALICE.fingerprint)?.standing.rollback).toBe(true);
    expect(host.eventNames().filter((name) => name === 'keystore_rollback')).toHaveLength(1);
    await server.hold(REVOKED);
    await host.book.refresh({ force: true });
    expect(host.book.entry(ALICE.fingerprint)?.standing.rollback).toBe(false);
  });

  it('AD12 stays seen over a restart, when the file and the keystore have both forgotten it', async () => {
    const { host, server } = await hostAndServer();
    await server.hold(REVOKED);
    await host.book.refresh();
    await host.remove('alice.asc');
    const again = await host.restart({ keystores: [keystoreOf(server.url, new Map())] });
    await again.book.pin([ALICE.fingerprint]);
    await again.book.refresh({ force: true });
    const entry = again.book.entry(ALICE.fingerprint);
    expect(revocationIn(entry)?.hard).toBe(true);
    expect(entry).toMatchObject({ local: false, remote: false, standing: { vanished: true } });
    expect(entry?.remoteCopy).toBeUndefined();
    expect(again.book.epoch).toBeGreaterThan(host.book.epoch);
  });

  it('AD12 stays seen on the disk', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'vouch-state-'));
    onTestFinished(() => rm(folder, { recursive: true }));
    const options = { keystores: [keystoreOf('keys', new Map([[ALICE.fingerprint, REVOKED]]))] };
    const db = await openStateDb(join(folder, 'db'));
    const host = await hostWith({ ...options, db });
    await host.book.pin([ALICE.fingerprint]);
    await host.book.refresh();
    await host.book.close();
    await db.close();
    const opened = await openStateDb(join(folder, 'db'));
    onTestFinished(() => opened.close());
    const again = await hostWith({ db: opened });
    await again.book.pin([ALICE.fingerprint]);
    expect(revocationIn(again.book.entry(ALICE.fingerprint))?.hard).toBe(true);
    expect(again.book.epoch).toBeGreaterThanOrEqual(host.book.epoch);
  });

  it('stays seen when a revoked file is replaced by an older one', async () => {
    const { host } = await hostAndServer();
    await host.write('alice.asc', armor(REVOKED));
    expect((await host.book.reloadLocal()).changed).toEqual([ALICE.fingerprint]);
    await host.write('alice.asc', ALICE.armored);
    await host.book.reloadLocal();
    expect(revocationIn(host.book.entry(ALICE.fingerprint))?.hard).toBe(true);
  });
});

describe('a keystore that cannot be trusted', () => {
  it('AD14 that says 404 makes the key vanish, which is no revocation', async () => {
    const { host, server } = await hostAndServer();
    await host.book.refresh();
    const empty = await startServer();
    const again = await host.restart({
      keystores: [{ ...rename(new HkpClient(empty.url)), name: server.url }],
    });
    await again.book.pin([ALICE.fingerprint]);
    again.clock.now += HOUR;
    await again.book.refresh({ force: true });
    const entry = again.book.entry(ALICE.fingerprint);
    expect(entry).toMatchObject({ local: true, remote: false });
    expect(entry?.standing).toMatchObject({
      vanished: true,
      lastPresent: START / 1000,
      lastAnswer: (START + HOUR) / 1000,
    });
    expect(revocationIn(entry)).toBeUndefined();
    expect(again.eventNames()).toContain('key_vanished');
  });

  it('AD14 that never had the key does not make it vanish', async () => {
    const empty = await startServer();
    const host = await hostWith({ keystores: [new HkpClient(empty.url)] });
    await host.write('alice.asc', ALICE.armored);
    await host.book.reloadLocal();
    await host.book.pin([ALICE.fingerprint]);
    await host.book.refresh();
    expect(host.book.entry(ALICE.fingerprint)?.standing).toMatchObject({ vanished: false, asked: true });
  });

  it('AD15 that sends another certificate is not listened to', async () => {
    const odd = await oddServer(says(ALICE.armored));
    const host = await hostWith({ keystores: [new HkpClient(odd.url)] });
    await host.book.pin([ALICE.fingerprint]);
    await host.book.refresh();
    odd.answer = says(BOB.armored);
    host.clock.now += HOUR;
    const report = await host.book.refresh({ force: true });
    expect(report.failed).toMatchObject([{ keystore: odd.url, fingerprint: ALICE.fingerprint }]);
    expect(host.book.entry(ALICE.fingerprint)).toMatchObject({
      remote: true,
      standing: { conflict: true, lastAnswer: START / 1000 },
    });
    expect(host.book.entry(BOB.fingerprint)).toBeUndefined();
    expect(host.eventNames()).toContain('keystore_conflict');
    odd.answer = says(ALICE.armored);
    await host.book.refresh({ force: true });
    expect(host.book.entry(ALICE.fingerprint)?.standing.conflict).toBe(false);
  });

  it('AD15 that answers with a certificate which only has the key as a subkey is not listened to', async () => {
    const odd = await oddServer(says(ALICE.armored));
    const host = await hostWith({ keystores: [new HkpClient(odd.url)] });
    await host.book.pin([ALICE.subkey.fingerprint]);
    await host.book.refresh();
    expect(host.book.entries()).toEqual([]);
    expect(host.book.status(0).keys).toMatchObject([{ state: 'missing', standing: { conflict: true } }]);
  });

  it.each([
    ['garbage', says('\u00c6\u0000garbage')],
    ['a page', says('<html>hello')],
    ['a redirect to nowhere', says('', 302, { Location: 'http://[' })],
    ['a redirect without an end', says('', 302, { Location: '/' })],
    ['a refusal', says('no', 403)],
    ['a fault', says('no', 500)],
  ])('that answers with %s leaves all as it was', async (_, answer) => {
    const odd = await oddServer(says(ALICE.armored));
    const host = await hostWith({ keystores: [new HkpClient(odd.url)] });
    await host.book.pin([ALICE.fingerprint]);
    await host.book.refresh();
    const before = host.book.entry(ALICE.fingerprint);
    odd.answer = answer;
    host.clock.now += 30 * HOUR;
    const report = await host.book.refresh();
    expect(report.failed).toHaveLength(report.asked);
    expect(report.changed).toEqual([]);
    expect(host.book.entry(ALICE.fingerprint)).toEqual(before);
  });
});

/** A client's methods without its class, so that it can go by another name. */
function rename(client: HkpClient): Omit<KeystoreClient, 'name'> {
  return {
    get: (fingerprint) => client.get(fingerprint),
    changes: (since, limit) => client.changes(since, limit),
    digests: (fingerprints) => client.digests(fingerprints),
  };
}
