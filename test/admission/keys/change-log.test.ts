import { describe, expect, it } from 'vitest';
import type { KeystoreClient } from '../../../src/admission/keys/managed-key-book.ts';
import { HkpClient } from '../../../src/hkp/client.ts';
import { HkpClientError } from '../../../src/hkp/client/error.ts';
import { DAY, EPOCH, keyring, makeCertificate } from '../../fixtures/test-key.ts';
import type { TestCertificate } from '../../fixtures/test-key.ts';
import { startServer } from '../../hkp/harness.ts';
import type { TestServer } from '../../hkp/harness.ts';
import { counted, HOUR, hostWith, revocationIn, START } from './host.ts';
import type { TestHost } from './host.ts';

const KEYS = Array.from({ length: 6 }, (_, n) => makeCertificate([`Key ${n}`]));
const FINGERPRINTS = KEYS.map(({ fingerprint }) => fingerprint);
const [FIRST, SECOND] = KEYS as [TestCertificate, TestCertificate, ...TestCertificate[]];

const revocationOf = ({ key, packets }: TestCertificate): Uint8Array =>
  keyring(key.key.packet, key.revoke({ created: EPOCH + 20 * DAY }), ...packets.slice(1));

type Counted = ReturnType<typeof counted>;

/** A host whose six keys are all at a keystore of ours, fetched once. */
async function followed(held = KEYS): Promise<{ host: TestHost; server: TestServer; client: Counted }> {
  const server = await startServer();
  for (const { bytes } of held) await server.hold(bytes);
  const client = counted(new HkpClient(server.url));
  const host = await hostWith({ keystores: [client] });
  await host.book.pin(FINGERPRINTS);
  await host.book.refresh();
  return { host, server, client };
}

describe('a keystore with a change log', () => {
  it('is asked one question while nothing changes, and every key counts as asked about', async () => {
    const { host, client } = await followed();
    expect([client.looks, client.gets]).toEqual([1, 6]);
    host.clock.now += 8 * HOUR;
    expect(await host.book.refresh()).toEqual({ asked: 1, changed: [], failed: [] });
    expect([client.looks, client.gets]).toEqual([2, 6]);
    for (const { standing } of host.book.entries()) {
      expect(standing).toMatchObject({
        lastAnswer: (START + 8 * HOUR) / 1000,
        lastPresent: (START + 8 * HOUR) / 1000,
      });
    }
    // And none is due for a while.
    expect(await host.book.refresh()).toMatchObject({ asked: 0 });
  });

  it('AD11 is asked for the key that changed, and for no other', async () => {
    const { host, server, client } = await followed();
    await server.hold(revocationOf(SECOND));
    host.clock.now += 8 * HOUR;
    expect(await host.book.refresh()).toEqual({ asked: 2, changed: [SECOND.fingerprint], failed: [] });
    expect(revocationIn(host.book.entry(SECOND.fingerprint))?.hard).toBe(true);
    expect(client.gets).toBe(7);
  });

  it('tells when a key comes that it did not have', async () => {
    const { host, server } = await followed(KEYS.slice(1));
    expect(host.book.status(START / 1000).keys.filter(({ state }) => state === 'missing')).toHaveLength(1);
    await server.hold(FIRST.bytes);
    host.clock.now += 8 * HOUR;
    expect((await host.book.refresh()).changed).toEqual([FIRST.fingerprint]);
  });

  it('P24 is asked once a day what it holds, and for no key that is held as it was given', async () => {
    const { host, client } = await followed();
    for (let hours = 0; hours < 48; hours += 1) {
      host.clock.now += HOUR;
      await host.book.refresh();
    }
    expect([client.gets, client.digestLooks]).toEqual([6, 2]);
    expect(client.looks).toBeLessThan(12);
  });

  it('is asked for each key once a day when it does not tell what it holds', async () => {
    const { host, client } = await followed();
    const silent = counted({
      name: client.name,
      get: (fingerprint) => client.get(fingerprint),
      changes: (since, limit) => client.changes(since, limit),
      digests: () => Promise.resolve(undefined),
    });
    const again = await host.restart({ keystores: [silent] });
    await again.book.pin(FINGERPRINTS);
    again.clock.now += 24 * HOUR;
    await again.book.refresh();
    expect(silent.gets).toBe(6);
  });

  it('is asked again for all keys at one time, which is another for each host', async () => {
    const server = await startServer();
    for (const { bytes } of KEYS) await server.hold(bytes);
    let lot = 0;
    const host = await hostWith({
      keystores: [new HkpClient(server.url)],
      random: () => (lot += 0.137) % 1,
    });
    await host.book.pin(FINGERPRINTS);
    await host.book.refresh();
    const dueTimes = (): number => new Set(host.book.status(0).keys.map(({ nextDue }) => nextDue)).size;
    expect(dueTimes()).toBe(6);
    host.clock.now += 8 * HOUR;
    await host.book.refresh();
    expect(dueTimes()).toBe(1);
  });

  it('is believed for a day at the most: it is asked what it holds, whatever the log says', async () => {
    const { host, server, client } = await followed();
    await server.hold(revocationOf(FIRST));
    const { looks } = client;
    const silent: KeystoreClient = {
      name: server.url,
      get: (fingerprint) => client.get(fingerprint),
      changes: async (since) => {
        const answer = await client.changes(since, 1);
        return answer && { ...answer, sequence: since, changes: [], more: false };
      },
      digests: (fingerprints) => client.digests(fingerprints),
    };
    const lied = await host.restart({ keystores: [silent] });
    await lied.book.pin(FINGERPRINTS);
    for (let hours = 0; hours < 24; hours += 1) {
      lied.clock.now += HOUR;
      await lied.book.refresh();
    }
    expect(client.looks).toBeGreaterThan(looks);
    expect(revocationIn(lied.book.entry(FIRST.fingerprint))?.hard).toBe(true);
  });

  it('does not have to be asked about every key again after a restart', async () => {
    const { host, client } = await followed();
    host.clock.now += 8 * HOUR;
    const again = await host.restart();
    await again.book.pin(FINGERPRINTS);
    expect(await again.book.refresh()).toMatchObject({ asked: 1 });
    expect(client.gets).toBe(6);
  });

  it('does not hide what changed while a key was not pinned', async () => {
    const { host, server } = await followed();
    await host.book.pin(FINGERPRINTS.slice(1));
    await server.hold(revocationOf(FIRST));
    host.clock.now += 8 * HOUR;
    await host.book.refresh();
    await host.book.pin(FINGERPRINTS);
    await host.book.refresh();
    expect(revocationIn(host.book.entry(FIRST.fingerprint))?.hard).toBe(true);
  });

  it('that was replaced by another is not taken for the same one, however long it is', async () => {
    const { host, server } = await followed();
    const other = await startServer();
    for (const { bytes } of [SECOND, { bytes: revocationOf(FIRST) }, ...KEYS.slice(2)])
      await other.hold(bytes);
    for (const { bytes } of Array.from({ length: 3 }, () => makeCertificate())) await other.hold(bytes);
    const client = new HkpClient(other.url);
    const again = await host.restart({
      keystores: [
        {
          name: server.url,
          get: (fingerprint) => client.get(fingerprint),
          changes: (since, limit) => client.changes(since, limit),
          digests: (fingerprints) => client.digests(fingerprints),
        },
      ],
    });
    await again.book.pin(FINGERPRINTS);
    again.clock.now += 8 * HOUR;
    await again.book.refresh();
    expect(revocationIn(again.book.entry(FIRST.fingerprint))?.hard).toBe(true);
  });

  it('keeps in mind what it named when the keystore goes down before the key is fetched', async () => {
    const { host, server, client } = await followed();
    await server.hold(revocationOf(FIRST));
    const failing = await host.restart({
      keystores: [{ ...client, get: () => Promise.reject(new HkpClientError('TIMEOUT', 'no answer')) }],
    });
    await failing.book.pin(FINGERPRINTS);
    failing.clock.now += 8 * HOUR;
    await failing.book.refresh();
    const back = await failing.restart({ keystores: [client] });
    await back.book.pin(FINGERPRINTS);
    back.clock.now += 2 * HOUR;
    await back.book.refresh();
    expect(revocationIn(back.book.entry(FIRST.fingerprint))?.hard).toBe(true);
  });

  it('that goes on without end is not read to the end', async () => {
    let looks = 0;
    const host = await hostWith({
      keystores: [
        {
          name: 'endless',
          get: () => Promise.resolve([]),
          changes: (since) => {
            looks += 1;
            const sequence = since + 1;
            const { fingerprint } = FIRST;
            const changes = [{ sequence, fingerprint, removed: false, digest: undefined }];
            return Promise.resolve({ log: undefined, sequence: 1e9, changes, more: true });
          },
          digests: () => Promise.resolve(undefined),
        },
      ],
    });
    await host.book.pin(FINGERPRINTS);
    await host.book.refresh();
    host.clock.now += 8 * HOUR;
    await host.book.refresh();
    expect(looks).toBeLessThan(10);
  });

  it('of which too much has changed to read it is asked for digests of all keys instead', async () => {
    const { host, server, client } = await followed();
    await server.hold(revocationOf(FIRST));
    const busy: KeystoreClient = {
      ...client,
      changes: async (since) => {
        const answer = await client.changes(since, 1);
        return answer && { ...answer, more: true };
      },
      get: (fingerprint) => client.get(fingerprint),
      digests: (fingerprints) => client.digests(fingerprints),
    };
    for (const { bytes } of Array.from({ length: 3 }, () => makeCertificate())) await server.hold(bytes);
    const again = await host.restart({ keystores: [busy] });
    await again.book.pin(FINGERPRINTS);
    again.clock.now += 8 * HOUR;
    await again.book.refresh();
    expect([client.gets, client.digestLooks]).toEqual([7, 1]);
    expect(revocationIn(again.book.entry(FIRST.fingerprint))?.hard).toBe(true);
  });
});

describe('P24 a keystore without a change log', () => {
  it('is asked for each key, at different times', async () => {
    const server = await startServer();
    for (const { bytes } of KEYS) await server.hold(bytes);
    const plain = new HkpClient(server.url);
    const client = counted({
      name: server.url,
      get: (fingerprint) => plain.get(fingerprint),
      changes: () => Promise.resolve(undefined),
      digests: () => Promise.resolve(undefined),
    });
    let lot = 0;
    const host = await hostWith({ keystores: [client], random: () => (lot += 0.137) % 1 });
    await host.book.pin(FINGERPRINTS);
    await host.book.refresh();
    expect([client.looks, client.gets]).toEqual([1, 6]);
    const asked = new Set<number>();
    for (let minute = 0; minute < 8 * 60; minute += 5) {
      host.clock.now += 5 * 60_000;
      const before = client.gets;
      await host.book.refresh();
      if (client.gets > before) asked.add(minute);
    }
    expect(client.gets).toBe(12);
    expect(asked.size).toBeGreaterThan(2);
    // Whether it has a log by now is asked once a day.
    expect(client.looks).toBe(1);
    host.clock.now += 24 * HOUR;
    await host.book.refresh();
    expect(client.looks).toBe(2);
  });
});
