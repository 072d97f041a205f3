import { createHash } from 'node:crypto';

import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import { checkLevelKeystore } from '../../src/keystore/check.ts';
import { openLevelKeystore, openLevelRows } from '../../src/keystore/level.ts';
import { Clock, collect, fingerprint, longFingerprint, pages, put, record, text, word } from './sample.ts';
import { temporaryFolder } from './temporary-folder.ts';

const clock = new Clock();
const NAMES = [fingerprint(1), longFingerprint(2)];
let folder: string;
let remove: () => Promise<void>;

function number(value: number): Buffer {
  const octets = Buffer.alloc(6);
  octets.writeUIntBE(value, 0, 6);
  return octets;
}

/** A word as format 1 wrote it: its kind, its length, itself. */
function term(value: string): Buffer {
  return Buffer.concat([Buffer.from('w'), Buffer.of(0, 0, 0, value.length), Buffer.from(value)]);
}

/** The rows of format 1, octet by octet, as Vouch 0.1 wrote them: nothing here comes from today's layout. */
async function writeFormatOne(): Promise<void> {
  const rows = await openLevelRows(folder, { create: true });
  const certificates = NAMES.flatMap((name, index) => {
    const [octets, bytes] = [Buffer.from(name, 'hex'), Buffer.from(`certificate ${index}`)];
    const digest = createHash('sha256').update(bytes).digest();
    return [
      { key: Buffer.concat([Buffer.from('c'), octets]), value: bytes },
      {
        key: Buffer.concat([Buffer.from('f'), octets]),
        value: Buffer.concat([number(index + 1), term('all')]),
      },
      { key: Buffer.concat([Buffer.from('i'), term('all'), octets]), value: Buffer.alloc(0) },
      {
        key: Buffer.concat([Buffer.from('l'), number(index + 1)]),
        value: Buffer.concat([number(clock.time), Buffer.of(1), digest, octets]),
      },
    ];
  });
  await rows.write([
    { key: Buffer.from('mformat'), value: Buffer.from('1') },
    { key: Buffer.from('mhead'), value: Buffer.concat([number(2), number(2), number(clock.time)]) },
    ...certificates,
  ]);
  await rows.close();
}

async function format(): Promise<string | undefined> {
  const rows = await openLevelRows(folder, { create: false });
  const value = await rows.get(Buffer.from('mformat'));
  await rows.close();
  return value?.toString();
}

beforeEach(async () => {
  ({ folder, remove } = await temporaryFolder());
  await writeFormatOne();
});

afterEach(async () => {
  await remove();
});

describe('a store of format 1', () => {
  it('opens without loss, and is one of format 2 from then on', async () => {
    const store = await openLevelKeystore(folder, clock);
    expect(await store.status()).toEqual({ certificates: 2, sequence: 2 });
    expect((await pages(store, [word('all')], 1)).flatMap((page) => page.fingerprints)).toEqual(
      NAMES.toSorted(),
    );
    expect(text(await store.bytes(longFingerprint(2)))).toBe('certificate 1');
    expect(await collect(store.changes(0))).toMatchObject([
      { sequence: 1, time: clock.time, fingerprint: NAMES[0], kind: 'inserted' },
      { sequence: 2, time: clock.time, fingerprint: NAMES[1], kind: 'inserted' },
    ]);
    expect(await collect(store.allTombstones())).toEqual([]);
    await store.close();
    expect(await format()).toBe('2');

    const again = await openLevelKeystore(folder, clock);
    await put(again, record(fingerprint(1), 'more'));
    await again.remove({ fingerprint: longFingerprint(2), time: 0, by: 'operator', reason: '' });
    expect(await again.status()).toEqual({ certificates: 1, sequence: 4 });
    await again.close();
    expect(await checkLevelKeystore(folder, { now: clock.now })).toMatchObject({ found: 0 });
  });

  it('is checked as it is, without being made another', async () => {
    expect(await checkLevelKeystore(folder, { now: clock.now })).toMatchObject({ certificates: 2, found: 0 });
    expect(await format()).toBe('1');
  });

  it('stays one when it is damaged, for the Vouch that wrote it', async () => {
    const rows = await openLevelRows(folder, { create: false });
    await rows.write([{ key: Buffer.from('mhead') }]);
    await rows.close();
    await expect(openLevelKeystore(folder, clock)).rejects.toMatchObject({ code: 'CORRUPT' });
    expect(await format()).toBe('1');
  });
});
