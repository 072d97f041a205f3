import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import { checkLevelKeystore } from '../../src/keystore/check.ts';
import type { FindingKind } from '../../src/keystore/finding.ts';
import type { Keystore } from '../../src/keystore/keystore.ts';
import { openLevelKeystore, openLevelRows } from '../../src/keystore/level.ts';
import { indexKey, logKey, HEAD_KEY, writeHead } from '../../src/keystore/row-layout.ts';
import type { RowWrite } from '../../src/keystore/rows.ts';
import { termOctets } from '../../src/keystore/term-octets.ts';
import { tombstoneKey, writeTombstone } from '../../src/keystore/tombstone-row.ts';
import { Clock, collect, fingerprint, put, record, word } from './sample.ts';
import { temporaryFolder } from './temporary-folder.ts';

const clock = new Clock();
const [HELD, REMOVED, FREED] = [fingerprint(0), fingerprint(1), fingerprint(2)];
const NOTHING = Buffer.alloc(0);
let folder: string;
let remove: () => Promise<void>;

function tombstone(name: string) {
  return { fingerprint: name, time: clock.time, by: 'operator', reason: 'why' } as const;
}

async function onStore(use: (store: Keystore) => Promise<unknown>): Promise<void> {
  const store = await openLevelKeystore(folder, clock);
  await use(store);
  await store.close();
}

/** One certificate held, one removed, one removed and put again, two documents. */
beforeEach(async () => {
  ({ folder, remove } = await temporaryFolder());
  await onStore(async (store) => {
    for (const name of [HELD, REMOVED, FREED]) await put(store, record(name, name, [word('a')]));
    await store.remove(tombstone(REMOVED));
    await store.remove(tombstone(FREED));
    await store.unblock(FREED);
    await put(store, record(FREED, 'again', [word('a')]));
    await store.putDocument('token', 'one', { a: 1 }, 0);
    await store.putDocument('job', 'é', [], 0);
  });
});

afterEach(async () => {
  await remove();
});

async function damage(...batch: RowWrite[]): Promise<void> {
  const rows = await openLevelRows(folder, { create: false });
  await rows.write(batch);
  await rows.close();
}

async function check(repair = false): Promise<[FindingKind, string | undefined, string][]> {
  const { findings } = await checkLevelKeystore(folder, { now: clock.now, repair });
  return findings.map(({ kind, fingerprint: name, repair: outcome }) => [kind, name, outcome]);
}

function octets(name: string): Buffer {
  return Buffer.from(name, 'hex');
}

describe('checkLevelKeystore', () => {
  it('finds nothing wrong with certificates that were removed, and counts tombstones and documents', async () => {
    expect(await checkLevelKeystore(folder, { now: clock.now, repair: true })).toEqual({
      certificates: 2,
      indexEntries: 2,
      changes: 7,
      tombstones: 1,
      documents: 2,
      findings: [],
      found: 0,
      repaired: 0,
    });
  });

  it('finds a tombstone that is gone although nobody unblocked the key, and invents none', async () => {
    await damage({ key: tombstoneKey(octets(REMOVED)) });
    for (const repair of [false, true]) {
      expect(await check(repair)).toEqual([['tombstone-lost', REMOVED, 'impossible']]);
    }
  });

  it('finds a certificate that is held although it, or a key on it, was removed', async () => {
    const value = writeTombstone(tombstone(HELD));
    const subkey = fingerprint(7);
    const term = termOctets({ kind: 'fingerprint', value: subkey });
    await onStore((store) => put(store, record(FREED, 'more', [{ kind: 'fingerprint', value: subkey }])));
    await damage(
      { key: tombstoneKey(octets(HELD)), value },
      { key: tombstoneKey(octets(subkey)), value },
      { key: indexKey(term, octets(FREED)), value: NOTHING },
    );
    const found = await check();
    expect(found.filter(([kind]) => kind === 'removed-held')).toEqual(
      [HELD, subkey].toSorted().map((name) => ['removed-held', name, 'impossible']),
    );
  });

  it('finds a certificate that came back behind a removal', async () => {
    const rows = await openLevelRows(folder, { create: false });
    const [kept] = (await collect(rows.scan({ gte: Buffer.from('c'), lt: Buffer.from('d') }, 1))).flat();
    await rows.close();
    expect(kept).toBeDefined();
    await onStore((store) => store.remove(tombstone(HELD)));
    const facts = Buffer.concat([Buffer.of(0, 0, 0, 0, 0, 1), termOctets(word('a'))]);
    await damage(
      { key: Buffer.concat([Buffer.from('c'), octets(HELD)]), value: Buffer.from(HELD) },
      { key: Buffer.concat([Buffer.from('f'), octets(HELD)]), value: facts },
      { key: indexKey(termOctets(word('a')), octets(HELD)), value: NOTHING },
      { key: HEAD_KEY, value: writeHead({ sequence: 8, certificates: 2, time: clock.time }) },
    );
    const kinds = (await check()).map(([kind]) => kind);
    expect(kinds).toContain('removed-held');
    expect(kinds).not.toContain('change-unnoted');
  });

  it('logs a removal that the log does not tell', async () => {
    await damage({ key: tombstoneKey(octets(fingerprint(9))), value: writeTombstone(tombstone('')) });
    expect(await check()).toEqual([['change-missing', fingerprint(9), 'possible']]);
    expect(await check(true)).toEqual([['change-missing', fingerprint(9), 'done']]);
    expect(await check()).toEqual([]);
    await onStore(async (store) => {
      const [change] = await collect(store.changes(7));
      expect(change).toMatchObject({ sequence: 8, kind: 'removed', fingerprint: fingerprint(9) });
    });
  });

  it('finds a removal that the log has lost among its rows, and not that the certificate was lost', async () => {
    await damage({ key: logKey(4) });
    expect((await check()).map(([kind]) => kind)).toEqual([
      'change-gap',
      'certificate-lost',
      'change-missing',
    ]);
  });

  it('names tombstones and documents that cannot be read, and leaves them', async () => {
    await damage(
      { key: Buffer.from('t?'), value: writeTombstone(tombstone('')) },
      { key: tombstoneKey(octets(fingerprint(9))), value: NOTHING },
      { key: tombstoneKey(octets(REMOVED)), value: Buffer.of(0, 0, 0, 0, 0, 0, 9) },
      { key: Buffer.from('d'), value: NOTHING },
      { key: Buffer.from('d\u0001a'), value: Buffer.from('\0\0\0\0\0\u0001{}') },
      { key: Buffer.from('d\u0001ab'), value: Buffer.from('\0\0\0\0\0\u0001{') },
      { key: Buffer.from('6401ff61', 'hex'), value: Buffer.from('\0\0\0\0\0\u0001{}') },
    );
    for (const repair of [false, true]) {
      expect((await check(repair)).map(([kind, , outcome]) => [kind, outcome])).toEqual(
        Array.from({ length: 7 }, () => ['row-unknown', 'impossible']),
      );
    }
    await onStore(async (store) => {
      const blocked = store.update(REMOVED, () => record(REMOVED, 'x'));
      expect((await blocked).outcome).toBe('blocked');
      await expect(store.tombstones([REMOVED])).rejects.toMatchObject({ code: 'CORRUPT' });
      await expect(store.document('a', 'b')).rejects.toMatchObject({ code: 'CORRUPT' });
    });
  });
});
