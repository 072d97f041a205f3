import { createServer } from 'node:http';
import type { RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import * as fc from 'fast-check';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { KeystoreClient } from '../../../src/admission/keys/managed-key-book.ts';
import { HkpClient } from '../../../src/hkp/client.ts';
import { HkpClientError } from '../../../src/hkp/client/error.ts';
import { armor } from '../../../src/openpgp/armor.ts';
import { parseCertificate } from '../../../src/openpgp/certificate.ts';
import { DAY, EPOCH, keyring, makeCertificate, subpackets } from '../../fixtures/test-key.ts';
import { startServer } from '../../hkp/harness.ts';
import type { TestServer } from '../../hkp/harness.ts';
import { counted, HOUR, hostWith, revocationIn, START, stateOf } from './host.ts';
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

/** A keystore without a wire: what it has, by fingerprint. */
function keystoreOf(name: string, held: Map<string, Uint8Array>): KeystoreClient {
  return {
    name,
    get: (fingerprint) => {
      const bytes = held.get(fingerprint);
      return Promise.resolve(bytes === undefined ? [] : [parseCertificate(bytes)]);
    },
    changes: () => Promise.resolve(undefined),
  };
}

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

describe('AD13 a keystore that is down', () => {
  it('is told once, is given a rest that grows, and is told once when it is back', async () => {
    let down = true;
    const working = keystoreOf('keys', new Map([[ALICE.fingerprint, ALICE.bytes]]));
    const client = counted({
      ...working,
      get: (id) => (down ? Promise.reject(new HkpClientError('TIMEOUT', 'no answer')) : working.get(id)),
      changes: () => Promise.resolve(undefined),
    });
    const host = await hostWith({ keystores: [client] });
    await host.book.pin([ALICE.fingerprint, BOB.fingerprint]);
    const tries: number[] = [];
    for (let minute = 0; minute < 240; minute += 1) {
      const before = client.gets;
      await host.book.refresh();
      if (client.gets > before) tries.push(minute);
      host.clock.now += 60_000;
    }
    // One question a try: the second key would only wait as long. The rest doubles up to an hour.
    expect(client.gets).toBe(tries.length);
    expect(tries).toEqual([0, 1, 3, 7, 15, 31, 63, 123, 183]);
    expect(host.eventNames()).toEqual(['keystore_unreachable']);
    expect(host.book.status(0).keystores).toMatchObject([{ name: 'keys', up: false, problem: 'no answer' }]);
    down = false;
    await host.book.refresh({ force: true });
    expect(host.eventNames()).toEqual(['keystore_unreachable', 'key_changed', 'keystore_recovered']);
    expect(host.book.status(0).keystores).toMatchObject([{ up: true }]);
  });

  it('leaves the time of its last answer where it was, so that the answer grows old', async () => {
    const { host, server } = await hostAndServer();
    await host.book.refresh();
    await server.listening.close();
    host.clock.now += 72 * HOUR;
    const report = await host.book.refresh();
    expect(report.failed).toMatchObject([{ keystore: server.url }]);
    expect(host.book.entry(ALICE.fingerprint)?.standing).toMatchObject({
      lastAnswer: START / 1000,
      vanished: false,
    });
  });

  it('is not made up for by another that never had the key', async () => {
    let down = false;
    const having = keystoreOf('having', new Map([[ALICE.fingerprint, ALICE.bytes]]));
    const host = await hostWith({
      keystores: [
        {
          ...having,
          get: (id) => (down ? Promise.reject(new HkpClientError('UNREACHABLE', 'gone')) : having.get(id)),
        },
        keystoreOf('empty', new Map()),
      ],
    });
    await host.book.pin([ALICE.fingerprint]);
    await host.book.refresh();
    down = true;
    host.clock.now += 30 * HOUR;
    await host.book.refresh();
    expect(host.book.entry(ALICE.fingerprint)).toMatchObject({
      remote: true,
      standing: { lastAnswer: START / 1000, vanished: false },
    });
  });

  it('stops asking one that refuses again and again', async () => {
    const client = counted({
      ...keystoreOf('keys', new Map()),
      get: () => Promise.reject(new HkpClientError('REFUSED', 'answers 429')),
    });
    const host = await hostWith({ keystores: [client] });
    await host.book.pin(Array.from({ length: 20 }, (_, n) => n.toString(16).toUpperCase().padStart(40, 'A')));
    await host.book.refresh();
    expect(client.gets).toBe(3);
    expect(host.eventNames()).toEqual(['keystore_unreachable']);
  });
});

describe('AD17 a clock that was wrong', () => {
  it('does not put off questions for years', async () => {
    const client = counted(keystoreOf('keys', new Map([[ALICE.fingerprint, ALICE.bytes]])));
    const host = await hostWith({ keystores: [client] });
    await host.book.pin([ALICE.fingerprint]);
    host.clock.now += 3650 * 24 * HOUR;
    await host.book.refresh();
    host.clock.now = START;
    await host.book.refresh();
    expect(client.gets).toBe(2);
  });
});

describe('AD27 refreshes at the same time', () => {
  it('are one', async () => {
    const held = new Map([[ALICE.fingerprint, ALICE.bytes]]);
    let open = (): void => undefined;
    const gate = new Promise<void>((resolve) => (open = resolve));
    const keystore = keystoreOf('keys', held);
    const client = counted({ ...keystore, get: (id) => gate.then(() => keystore.get(id)) });
    const host = await hostWith({ keystores: [client] });
    await host.book.pin([ALICE.fingerprint]);
    const reports = [host.book.refresh(), host.book.refresh(), host.book.refresh()];
    const forced = [host.book.refresh({ force: true }), host.book.refresh({ force: true })];
    open();
    const [first, ...others] = await Promise.all(reports);
    for (const other of others) expect(other).toBe(first);
    const [one, same] = await Promise.all(forced);
    expect(same).toBe(one);
    // What is due, and then once more because somebody wanted more than that.
    expect(client.gets).toBe(2);
  });
});

describe('whatever the order in which sources speak', () => {
  const later = ALICE.key.certify(ALICE.packets[1] ?? ALICE.key.key.packet, {
    created: EPOCH + 10 * DAY,
    hashed: [subpackets.keyExpires(900 * DAY)],
  });
  const renewed = keyring(...ALICE.packets.slice(0, 3), later, ...ALICE.packets.slice(3));
  const variants = [ALICE.bytes, renewed, REVOKED, revoked(CODE.retired)];

  it('the book is the same in the end, also after a restart', async () => {
    const steps = fc.array(
      fc.record({ source: fc.constantFrom('file', 'one', 'two'), variant: fc.nat(variants.length - 1) }),
      { minLength: 2, maxLength: 6 },
    );
    await fc.assert(
      fc.asyncProperty(
        steps,
        fc.infiniteStream(fc.nat(1000)),
        fc.boolean(),
        async (order, lots, restarts) => {
          const shuffled = order
            .map((step) => ({ step, lot: lots.next().value ?? 0 }))
            .toSorted((a, b) => a.lot - b.lot)
            .map(({ step }) => step);
          // The last words are the same in both, or where a key is would differ.
          const last = ['file', 'one', 'two'].map((source) => ({ source, variant: 0 }));
          const [a, b] = [
            await told([...order, ...last], false),
            await told([...shuffled, ...last], restarts),
          ];
          expect(a).toEqual(b);
        },
      ),
      { numRuns: 15 },
    );
  });

  async function told(
    steps: readonly { readonly source: string; readonly variant: number }[],
    restarts: boolean,
  ): Promise<unknown> {
    const held = { one: new Map<string, Uint8Array>(), two: new Map<string, Uint8Array>() };
    let host = await hostWith({ keystores: [keystoreOf('one', held.one), keystoreOf('two', held.two)] });
    await host.book.pin([ALICE.fingerprint]);
    for (const { source, variant } of steps) {
      const bytes = variants[variant] ?? ALICE.bytes;
      if (source === 'file') {
        await host.write('alice.asc', armor(bytes));
        await host.book.reloadLocal();
      } else {
        (source === 'one' ? held.one : held.two).set(ALICE.fingerprint, bytes);
        await host.book.refresh({ force: true });
      }
      if (!restarts) continue;
      host = await host.restart();
      await host.book.pin([ALICE.fingerprint]);
    }
    return stateOf(host.book);
  }
});

/** A client's methods without its class, so that it can go by another name. */
function rename(client: HkpClient): Omit<KeystoreClient, 'name'> {
  return {
    get: (fingerprint) => client.get(fingerprint),
    changes: (since, limit) => client.changes(since, limit),
  };
}
