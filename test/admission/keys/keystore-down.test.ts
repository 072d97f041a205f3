import { describe, expect, it } from 'vitest';
import { HkpClient } from '../../../src/hkp/client.ts';
import { HkpClientError } from '../../../src/hkp/client/error.ts';
import { makeCertificate } from '../../fixtures/test-key.ts';
import { startServer } from '../../hkp/harness.ts';
import type { TestServer } from '../../hkp/harness.ts';
import { counted, HOUR, hostWith, keystoreOf, START } from './host.ts';
import type { TestHost } from './host.ts';

const ALICE = makeCertificate(['Alice <alice@example.org>']);
const BOB = makeCertificate(['Bob <bob@example.org>']);

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
