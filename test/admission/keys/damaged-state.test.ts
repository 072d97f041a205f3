/* Revocations that were seen, and a disk that damaged the newest writes of the daemon's state or refused one. */
import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { expect, it, onTestFinished } from 'vitest';

import { memoryDb } from '../../../src/admission/memory-db.ts';
import { openStateDb } from '../../../src/admission/state-db.ts';
import type { StateDb, Table } from '../../../src/admission/table.ts';
import { keyring, makeCertificate } from '../../fixtures/test-key.ts';
import { hostWith, HOUR, keystoreOf, revocationIn } from './host.ts';

const alice = makeCertificate();
const [first, ...rest] = alice.packets;
const revoked = keyring(...(first === undefined ? [] : [first]), alice.key.revoke(), ...rest);

/** The book over a state in a folder. */
async function bookOver(folder: string, held: Map<string, Uint8Array>, at = 0) {
  const db = await openStateDb(folder);
  const host = await hostWith({ db, keystores: [keystoreOf('store', held)] });
  host.clock.now += at;
  await host.book.pin([alice.fingerprint]);
  return { db, host, refresh: () => host.book.refresh(), entry: () => host.book.entry(alice.fingerprint) };
}

/** More than one block of LevelDB's log: what is behind it is read, whatever is damaged before it. */
const fill = (db: StateDb): Promise<void> => db.table('filler').put('x', 'x'.repeat(40_000), { sync: true });

/** Damages the newest write of a key. */
async function damage(folder: string): Promise<void> {
  for (const name of (await readdir(folder)).filter((one) => one.endsWith('.log'))) {
    const file = join(folder, name);
    if ((await stat(file)).size === 0) continue;
    const octets = await readFile(file);
    const at = octets.lastIndexOf('"seen":');
    octets.writeUInt8((octets[at] ?? 0) ^ 1, at);
    await writeFile(file, octets);
  }
}

it('a revocation that was lost with damaged writes is asked for again at once, and no answer counts until then', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'vouch-state-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  const held = new Map([[alice.fingerprint, alice.bytes]]);
  const before = await bookOver(folder, held);
  await before.refresh();
  held.set(alice.fingerprint, revoked);
  before.host.clock.now += 8 * HOUR;
  await before.refresh();
  expect(revocationIn(before.entry())?.hard).toBe(true);
  await fill(before.db);
  await before.host.book.refresh({ force: true });
  await before.host.book.close();
  await before.db.close();

  await damage(folder);
  const after = await bookOver(folder, held, 8 * HOUR);
  expect(after.db.dropped).toBeGreaterThan(0);
  expect(revocationIn(after.entry())).toBeUndefined();
  expect(after.entry()?.standing).not.toHaveProperty('lastAnswer');
  await after.host.book.close();
  await after.db.close();

  // It ended before it could ask: the loss is told no more, and the doubt is still there.
  const again = await bookOver(folder, held, 8 * HOUR);
  expect(again.db.dropped).toBe(0);
  expect(again.entry()?.standing).not.toHaveProperty('lastAnswer');
  await again.refresh();
  expect(revocationIn(again.entry())?.hard).toBe(true);
  await again.db.close();
});

/** The same state, of which one write of a key fails. */
function failingOnce(db: StateDb): StateDb & { fail: boolean } {
  const failing = {
    fail: false,
    dropped: db.dropped,
    table: <Value>(name: string): Table<Value> => {
      const table = db.table<Value>(name);
      return {
        ...table,
        put: (key, value, options) => {
          if (!failing.fail || name !== 'keys') return table.put(key, value, options);
          failing.fail = false;
          return Promise.reject(new Error('EROFS'));
        },
      };
    },
    close: () => db.close(),
  };
  return failing;
}

it('a revocation whose write failed is written with the next answer, and is there after a restart', async () => {
  const held = new Map([[alice.fingerprint, alice.bytes]]);
  const db = failingOnce(memoryDb());
  const host = await hostWith({ db, keystores: [keystoreOf('store', held)] });
  await host.book.pin([alice.fingerprint]);
  await host.book.refresh();
  held.set(alice.fingerprint, revoked);
  db.fail = true;
  await host.book.refresh({ force: true }).catch(() => undefined);
  expect(db.fail).toBe(false);
  expect(revocationIn(host.book.entry(alice.fingerprint))?.hard).toBe(true);
  await host.book.refresh({ force: true });
  held.clear();
  const again = await host.restart();
  await again.book.pin([alice.fingerprint]);
  expect(revocationIn(again.book.entry(alice.fingerprint))?.hard).toBe(true);
});

it('a revocation of a file whose write failed is written when the files are read again', async () => {
  const db = failingOnce(memoryDb());
  const host = await hostWith({ db });
  await host.book.pin([alice.fingerprint]);
  await host.write('alice.pgp', revoked);
  db.fail = true;
  await expect(host.book.reloadLocal()).rejects.toThrow('EROFS');
  await host.book.reloadLocal();
  await host.write('alice.pgp', alice.bytes);
  const again = await host.restart();
  await again.book.pin([alice.fingerprint]);
  expect(revocationIn(again.book.entry(alice.fingerprint))?.hard).toBe(true);
});
