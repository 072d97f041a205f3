/* Octets on the disk that change, or are gone: named, or without a consequence, and never a lie. */
import { cp, mkdir, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { checkLevelKeystore } from '../../src/keystore/check.ts';
import { KeystoreError } from '../../src/keystore/error.ts';
import type { Term } from '../../src/keystore/keystore.ts';
import { openLevelKeystore, openLevelRows } from '../../src/keystore/level.ts';
import { Clock, fingerprint, put, record, text, word } from './sample.ts';
import { temporaryFolder } from './temporary-folder.ts';

const clock = new Clock();
const CERTIFICATES = 60;
const FIRST = 40;
let home: string;
let sound: string;
let folder: string;
let remove: () => Promise<void>;

/** Octets that no compression hides a change in. */
const content = (n: number): string =>
  `${n} ${Array.from({ length: 20 }, (_, part) => fingerprint(1000 * n + part)).join('')}`;
const termsOf = (bytes: Uint8Array): Term[] => [word((text(bytes) ?? '').split(' ')[0] ?? '')];

/** Forty certificates in a table, twenty in the log of newest writes. */
beforeEach(async () => {
  ({ folder: home, remove } = await temporaryFolder());
  sound = path.join(home, 'sound');
  folder = path.join(home, 'damaged');
  await mkdir(sound);
  await fill(0, FIRST);
  const rows = await openLevelRows(sound, { create: false });
  await rows.compact();
  await rows.close();
  await fill(FIRST, CERTIFICATES);
});

afterEach(async () => {
  await remove();
});

async function fill(from: number, to: number): Promise<void> {
  const store = await openLevelKeystore(sound, clock);
  for (let n = from; n < to; n += 1) {
    await put(store, record(fingerprint(n), content(n), termsOf(Buffer.from(content(n)))));
  }
  await store.close();
}

/** Changes a file of a fresh copy of the store. */
async function damage(kind: RegExp, change: (octets: Buffer) => Buffer): Promise<void> {
  await rm(folder, { recursive: true, force: true });
  await cp(sound, folder, { recursive: true });
  for (const name of (await readdir(folder)).filter((one) => kind.test(one))) {
    const file = path.join(folder, name);
    if ((await stat(file)).size > 0) await writeFile(file, change(await readFile(file)));
  }
}

/** What the check says: codes of an error, or kinds of findings. */
async function checked(repair = false): Promise<readonly string[]> {
  try {
    const { findings } = await checkLevelKeystore(folder, { now: clock.now, terms: termsOf, repair });
    return findings.map(({ kind }) => kind);
  } catch (error) {
    if (error instanceof KeystoreError) return [error.code];
    throw error;
  }
}

/** What is held, in the order in which it was written. */
async function held(): Promise<readonly (string | undefined)[]> {
  const store = await openLevelKeystore(folder, clock);
  try {
    const all = Array.from({ length: CERTIFICATES }, (_, n) => store.bytes(fingerprint(n)));
    return (await Promise.all(all)).map(text);
  } finally {
    await store.close();
  }
}

const flipped = (place: number, bit: number) => (octets: Buffer) => {
  const at = Math.floor(place * (octets.length - 1));
  octets.writeUInt8((octets[at] ?? 0) ^ (1 << bit), at);
  return octets;
};
const place = fc.double({ min: 0, max: 1, noNaN: true });
const EVERYTHING = Array.from({ length: CERTIFICATES }, (_, n) => content(n));

describe('files of a store that changed on the disk', () => {
  it.each([
    ['a table', /\.ldb$/],
    ['the log of newest writes', /\.log$/],
    ['the manifest', /^MANIFEST-/],
    ['the name of the manifest', /^CURRENT$/],
  ])('%s: a flipped bit is found by the check, or changed nothing', async (_, kind) => {
    await fc.assert(
      fc.asyncProperty(place, fc.nat(7), async (where, bit) => {
        await damage(kind, flipped(where, bit));
        const found = await checked();
        const there = found.length === 0 ? await held() : EVERYTHING;
        expect(there).toEqual(EVERYTHING);
      }),
      { numRuns: 25 },
    );
  });

  it('a table or a manifest that was cut off is told by an error', async () => {
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(/\.ldb$/, /^MANIFEST-/), place, async (kind, where) => {
        await damage(kind, (octets) => octets.subarray(0, Math.floor(where * (octets.length - 1))));
        expect(['CORRUPT', 'READ_FAILED']).toContain((await checked())[0]);
      }),
      { numRuns: 20 },
    );
  });

  it('a log that was cut off is the store as it was some writes earlier, never one with gaps', async () => {
    await fc.assert(
      fc.asyncProperty(place, async (where) => {
        await damage(/\.log$/, (octets) => octets.subarray(0, Math.floor(where * octets.length)));
        expect(await checked()).toEqual([]);
        const there = (await held()).filter((one) => one !== undefined);
        expect(there.length).toBeGreaterThanOrEqual(FIRST);
        expect(there).toEqual(EVERYTHING.slice(0, there.length));
      }),
      { numRuns: 15 },
    );
  });

  it('a repair leaves nothing that a repair could put right', async () => {
    await fc.assert(
      fc.asyncProperty(place, fc.nat(7), async (where, bit) => {
        await damage(/\.log$/, flipped(where, bit));
        const before = await checked(true);
        const after = await checked();
        const gone = new Set([
          'certificate-lost',
          'change-gap',
          'change-missing',
          'digest-mismatch',
          'unreadable',
        ]);
        const repairable = before[0] === 'CORRUPT' ? [] : after.filter((kind) => !gone.has(kind));
        expect(repairable).toEqual([]);
      }),
      { numRuns: 15 },
    );
  });

  it('newest writes that were damaged are told when the store is opened, by the check too', async () => {
    await damage(/\.log$/, flipped(0.9, 3));
    const copy = path.join(home, 'copy');
    await cp(folder, copy, { recursive: true });
    const rows = await openLevelRows(copy, { create: false });
    expect(rows.dropped).toBeGreaterThan(0);
    await rows.close();
    const again = await openLevelRows(copy, { create: false });
    expect(again.dropped).toBe(0);
    await again.close();
    expect(await checked()).toContain('writes-damaged');
  });
});
