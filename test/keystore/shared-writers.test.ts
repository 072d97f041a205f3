import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import { checkSharedKeystore } from '../../src/keystore/check.ts';
import type { Keystore } from '../../src/keystore/keystore.ts';
import { openPostgresKeystore, openPostgresRows } from '../../src/keystore/postgres.ts';
import { certificateKey, FORMAT_KEY, indexKey, tableRange, TABLES } from '../../src/keystore/row-layout.ts';
import { termOctets } from '../../src/keystore/term-octets.ts';
import { postgresMissing, usePostgres } from './postgres-database.ts';
import type { TestDatabase } from './postgres-database.ts';
import { Clock, collect, fingerprint, pages, put, record, text, word } from './sample.ts';

const clock = new Clock();
const ONE = fingerprint(1);

describe.skipIf(postgresMissing)('several writers on one database (apt-get install postgresql)', () => {
  const postgres = usePostgres();
  let database: TestDatabase;
  let nodes: Keystore[];
  let first: Keystore;
  let second: Keystore;
  let third: Keystore;

  /** One after the other. */
  const nodeOf = (n: number): Keystore => [first, second, third][n % 3] ?? first;
  const open = (): Promise<Keystore> => openPostgresKeystore(database.url, clock);

  beforeEach(async () => {
    database = await postgres.database();
    // At once: each may find that there is no table, and none of them fails.
    [first, second, third] = await Promise.all([open(), open(), open()]);
    nodes = [first, second, third];
  });

  afterEach(async () => {
    for (const node of nodes) await node.close();
    await database.remove();
  });

  it('lose no update of one certificate', async () => {
    const appended = Array.from({ length: 90 }, (_, n) =>
      nodeOf(n).update(ONE, (held) =>
        record(ONE, `${text(held?.bytes) ?? ''}${String.fromCodePoint(0x100 + n)}`, [word(`${n}`)]),
      ),
    );
    await Promise.all(appended);
    const held = text(await first.bytes(ONE)) ?? '';
    expect(held.split('').toSorted()).toEqual(
      Array.from({ length: 90 }, (_, n) => String.fromCodePoint(0x100 + n)).toSorted(),
    );
    // Each update takes the terms of the one before away: none is left behind.
    const rows = await openPostgresRows(database.url, { create: false });
    const left = (await collect(rows.scanKeys(tableRange(TABLES.index), 100))).flat();
    expect(left).toHaveLength(1);
    expect((await checkSharedKeystore(rows, rows.place, clock)).found).toBe(0);
    await rows.close();
  });

  it('number all changes in one order without gaps, which every reader sees grow at its end only', async () => {
    const written = new AbortController();
    const seen: string[] = [];
    const follow = async (node: Keystore): Promise<void> => {
      let last = 0;
      while (!written.signal.aborted) {
        for await (const change of node.changes(last)) {
          expect(change.sequence).toBe(last + 1);
          last = change.sequence;
          seen.push(`${change.sequence} ${change.fingerprint} ${String(change.digest)}`);
        }
      }
    };
    const followers = nodes.map(follow);
    await Promise.all(
      Array.from({ length: 120 }, (_, n) =>
        nodeOf(n).update(fingerprint(n % 40), (held) =>
          record(fingerprint(n % 40), `${text(held?.bytes) ?? ''}.`),
        ),
      ),
    );
    written.abort();
    await Promise.all(followers);
    const changes = await collect(second.changes(0));
    expect(changes.map(({ sequence }) => sequence)).toEqual(Array.from({ length: 120 }, (_, n) => n + 1));
    expect(await first.status()).toEqual({ certificates: 40, sequence: 120 });
    const told = new Set(changes.map((one) => `${one.sequence} ${one.fingerprint} ${String(one.digest)}`));
    for (const one of seen) expect(told).toContain(one);
  });

  it('let nobody keep in memory what another may change', () => {
    expect(nodes.map((node) => node.watch === undefined)).toEqual([true, true, true]);
  });

  it('see at once what another has written', async () => {
    for (let n = 0; n < 20; n += 1) {
      const [writer, reader] = n % 2 === 0 ? [first, second] : [second, first];
      await put(writer, record(ONE, `${n}`, [word(`${n}`)]));
      expect(text(await reader.bytes(ONE))).toBe(`${n}`);
      expect((await pages(reader, [word(`${n}`)], 5)).flatMap((page) => page.fingerprints)).toEqual([ONE]);
      expect((await reader.status()).sequence).toBe(n + 1);
    }
  });

  it('let one of several writes of a document of the same version through', async () => {
    for (let version = 0; version < 10; version += 1) {
      const wins = await Promise.all(nodes.map((node, n) => node.putDocument('a', 'a', n, version)));
      expect(wins.filter(Boolean)).toHaveLength(1);
      expect((await first.document('a', 'a'))?.value).toBe(wins.indexOf(true));
    }
  });

  it('keep a removed certificate removed, whoever updates it at that moment', async () => {
    const tombstone = { fingerprint: ONE, time: 1, by: 'operator', reason: '' } as const;
    await put(first, record(ONE, 'one', [word('a')]));
    const updates = Array.from({ length: 20 }, (_, n) =>
      second.update(ONE, () => record(ONE, `${n}`, [word('a')])),
    );
    await first.remove(tombstone);
    await Promise.all(updates);
    expect(await second.bytes(ONE)).toBeUndefined();
    expect((await second.update(ONE, () => record(ONE, 'again'))).outcome).toBe('blocked');
    expect((await second.find([word('a')], { limit: 5 })).fingerprints).toEqual([]);
    expect(await Promise.all([first.unblock(ONE), second.unblock(ONE)])).toHaveLength(2);
    expect((await collect(first.changes(0))).filter(({ kind }) => kind === 'unblocked')).toHaveLength(1);
  });

  it('write on after their connections were cut, and store nothing twice', async () => {
    await put(first, record(ONE, '', []));
    const updated = new AbortController();
    const cut = async (): Promise<void> => {
      while (!updated.signal.aborted) {
        await database.query(
          "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'vouch'",
        );
        await new Promise((resolve) => setTimeout(resolve, 30));
      }
    };
    const cutter = cut();
    const outcomes = await Promise.all(
      Array.from({ length: 60 }, async (_, n) => {
        const letter = String.fromCodePoint(0x100 + n);
        return nodeOf(n)
          .update(ONE, (held) => record(ONE, `${text(held?.bytes) ?? ''}${letter}`))
          .then(
            () => ({ letter, stored: true }),
            (error: unknown) => {
              expect(error).toMatchObject({ code: 'UNAVAILABLE' });
              return { letter, stored: false };
            },
          );
      }),
    );
    updated.abort();
    await cutter;
    const held = (text(await first.bytes(ONE)) ?? '').split('');
    expect(new Set(held).size).toBe(held.length);
    const acknowledged = outcomes.filter(({ stored }) => stored).map(({ letter }) => letter);
    expect(held).toEqual(expect.arrayContaining(acknowledged));
    await put(second, record(ONE, 'after'));
    expect(text(await first.bytes(ONE))).toBe('after');
    expect((await collect(first.changes(0))).map(({ sequence }) => sequence)).toEqual(
      Array.from({ length: (await first.status()).sequence }, (_, n) => n + 1),
    );
  });

  it('write nothing more into a store that a newer Vouch has taken over, and say so', async () => {
    await put(first, record(ONE, 'one'));
    const rows = await openPostgresRows(database.url, { create: false });
    await rows.write([{ key: FORMAT_KEY, value: Buffer.from('999') }]);
    await rows.close();
    await expect(put(first, record(ONE, 'two'))).rejects.toMatchObject({ code: 'WRONG_FORMAT' });
    await expect(open()).rejects.toMatchObject({ code: 'WRONG_FORMAT' });
    expect(text(await first.bytes(ONE))).toBe('one');
  });

  it('take a table that Vouch did not fill to its end for no store', async () => {
    const other = await postgres.database();
    const rows = await openPostgresRows(other.url, { create: true });
    await rows.write([{ key: certificateKey(Buffer.from(ONE, 'hex')), value: Buffer.from('x') }]);
    await rows.close();
    await expect(openPostgresKeystore(other.url, clock)).rejects.toMatchObject({ code: 'WRONG_FORMAT' });
    await other.remove();
  });

  it('are held up by a repair, and go on after it', async () => {
    await put(first, record(ONE, 'one', [word('a')]));
    const rows = await openPostgresRows(database.url, { create: false });
    await rows.write([{ key: indexKey(termOctets(word('a')), Buffer.from(ONE, 'hex')) }]);
    expect((await checkSharedKeystore(rows, rows.place, clock)).found).toBe(1);
    let update: Promise<void> | undefined;
    const during: (string | undefined)[] = [];
    const report = await checkSharedKeystore(rows, rows.place, {
      now: clock.now,
      repair: true,
      // Between two steps of the repair.
      terms: async () => {
        update ??= put(second, record(ONE, 'two', [word('a')]));
        during.push(text(await first.bytes(ONE)));
        return [word('a')];
      },
    });
    expect(during).toEqual(['one']);
    expect(report).toMatchObject({ found: 1, repaired: 1 });
    await update;
    expect(text(await first.bytes(ONE))).toBe('two');
    expect((await checkSharedKeystore(rows, rows.place, clock)).found).toBe(0);
    await rows.close();
  });

  it('keep and find user IDs that are longer than a key of the database can be', async () => {
    const long = (end: string): string => 'ﷺ'.repeat(20_000) + end;
    const terms = [
      { kind: 'userid', value: long('a') } as const,
      { kind: 'userid', value: long('b') } as const,
    ];
    const names = Array.from({ length: 5 }, (_, n) => fingerprint(n)).toSorted();
    for (const [n, name] of names.entries())
      await put(first, record(name, 'x', n === 2 ? terms : terms.slice(0, 1)));
    const [a, b] = terms as [(typeof terms)[number], (typeof terms)[number]];
    expect((await pages(second, [a], 2)).map((page) => page.fingerprints)).toEqual([
      names.slice(0, 2),
      names.slice(2, 4),
      names.slice(4),
    ]);
    expect((await pages(second, [b], 2)).map((page) => page.fingerprints)).toEqual([[names[2]]]);
    expect((await second.find([a, b], { limit: 5 })).fingerprints).toEqual([names[2]]);
    const rows = await openPostgresRows(database.url, { create: false });
    expect((await checkSharedKeystore(rows, rows.place, clock)).found).toBe(0);
    await rows.close();
    await put(second, record(names[2] ?? '', 'x', []));
    expect((await first.find([b], { limit: 5 })).fingerprints).toEqual([]);
  });
});
