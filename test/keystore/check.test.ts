import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import { checkLevelKeystore } from '../../src/keystore/check.ts';
import type { CheckOptions } from '../../src/keystore/check-session.ts';
import type { FindingKind } from '../../src/keystore/finding.ts';
import type { Term } from '../../src/keystore/keystore.ts';
import { openLevelKeystore, openLevelRows } from '../../src/keystore/level.ts';
import {
  certificateKey,
  factsKey,
  FORMAT_KEY,
  HEAD_KEY,
  indexKey,
  logKey,
  writeChange,
  writeFacts,
  writeHead,
} from '../../src/keystore/row-layout.ts';
import type { RowWrite } from '../../src/keystore/rows.ts';
import { termOctets, termSet } from '../../src/keystore/term-octets.ts';
import { Clock, collect, fingerprint, longFingerprint, pages, put, record, text, word } from './sample.ts';
import { temporaryFolder } from './temporary-folder.ts';

const clock = new Clock();
const NAMES = [fingerprint(0), fingerprint(1), longFingerprint(2)];
const [FIRST = '', SECOND = ''] = NAMES;
const NOTHING = Buffer.alloc(0);
let folder: string;
let remove: () => Promise<void>;

/** What the certificates of these tests are to be found by: their words. */
function termsOf(bytes: Uint8Array): Term[] {
  const words = (text(bytes) ?? '').split(' ');
  if (words.includes('broken')) throw new RangeError('not a certificate');
  return words.map(word);
}

/** Three certificates; the second was updated, so the log has four changes. */
beforeEach(async () => {
  ({ folder, remove } = await temporaryFolder());
  const store = await openLevelKeystore(folder, clock);
  for (const content of ['old', 'new']) {
    for (const [n, name] of NAMES.entries()) {
      const all = n === 1 ? `all ${content}` : `all ${n}`;
      await put(store, record(name, all, termsOf(new TextEncoder().encode(all))));
    }
  }
  await store.close();
});

afterEach(async () => {
  await remove();
});

function octets(name: string): Buffer {
  return Buffer.from(name, 'hex');
}

function terms(...values: string[]): Buffer {
  return Buffer.concat(termSet(values.map(word)));
}

function posting(value: string, name: string): Buffer {
  return indexKey(termOctets(word(value)), octets(name));
}

async function damage(...batch: RowWrite[]): Promise<void> {
  const rows = await openLevelRows(folder, { create: false });
  await rows.write(batch);
  await rows.close();
}

type Found = [kind: FindingKind, repair: 'done' | 'possible' | 'impossible'];

async function check(options: Partial<CheckOptions> = {}): Promise<Found[]> {
  const report = await checkLevelKeystore(folder, { now: clock.now, terms: termsOf, ...options });
  expect(report.found).toBe(report.findings.length);
  expect(report.repaired).toBe(report.findings.filter(({ repair }) => repair === 'done').length);
  return report.findings.map(({ kind, repair }) => [kind, repair]);
}

/** The damage is found, is found again by a check that repairs it, and is gone after that. */
async function expectRepairable(
  kinds: readonly FindingKind[],
  options: Partial<CheckOptions> = {},
): Promise<void> {
  expect(await check(options)).toEqual(kinds.map((kind) => [kind, 'possible']));
  expect(await check({ ...options, repair: true })).toEqual(kinds.map((kind) => [kind, 'done']));
  expect(await check(options)).toEqual([]);
}

async function expectWhole(): Promise<void> {
  const store = await openLevelKeystore(folder, clock);
  expect((await pages(store, [word('all')], 2)).flatMap((page) => page.fingerprints)).toEqual(
    NAMES.toSorted(),
  );
  expect((await store.status()).certificates).toBe(3);
  const changes = await collect(store.changes(0));
  expect(changes.map(({ sequence }) => sequence)).toEqual(changes.map((_, n) => n + 1));
  await store.close();
}

describe('checkLevelKeystore on a sound store', () => {
  it('finds nothing, counts everything and changes nothing', async () => {
    const steps: number[] = [];
    const report = await checkLevelKeystore(folder, {
      now: clock.now,
      terms: termsOf,
      repair: true,
      progress: (rows) => steps.push(rows),
    });
    expect(report).toEqual({
      certificates: 3,
      indexEntries: 6,
      changes: 4,
      tombstones: 0,
      documents: 0,
      findings: [],
      found: 0,
      repaired: 0,
    });
    expect(steps.at(-1)).toBe(3 + 3 + 6 + 4 + 2 + 1);
    expect(steps).toEqual(steps.toSorted((a, b) => a - b));
    await expectWhole();
  });

  it('refuses a folder without a keystore, one that is open, and one of a newer Vouch', async () => {
    const missing = checkLevelKeystore(`${folder}/none`, { now: clock.now });
    await expect(missing).rejects.toMatchObject({ code: 'NO_STORE' });
    const store = await openLevelKeystore(folder, clock);
    await expect(checkLevelKeystore(folder, { now: clock.now })).rejects.toMatchObject({ code: 'LOCKED' });
    await store.close();
    await damage({ key: FORMAT_KEY, value: Buffer.from('3') });
    await expect(check()).rejects.toMatchObject({ code: 'WRONG_FORMAT' });
  });
});

describe('checkLevelKeystore repairs', () => {
  it('a missing index row', async () => {
    await damage({ key: posting('all', FIRST) });
    await expectRepairable(['index-missing']);
    await expectWhole();
  });

  it('an index row without a certificate, and one of a term the certificate does not carry', async () => {
    await damage(
      { key: posting('all', fingerprint(9)), value: NOTHING },
      { key: posting('wrong', FIRST), value: NOTHING },
      { key: Buffer.from('i?'), value: NOTHING },
    );
    await expectRepairable(['row-unknown', 'index-orphan', 'index-orphan']);
    await expectWhole();
  });

  it('terms that are not those of the certificate, when it is told how to find them', async () => {
    await damage(
      { key: factsKey(octets(FIRST)), value: writeFacts(1, terms('all', 'stale')) },
      { key: posting('0', FIRST) },
      { key: posting('stale', FIRST), value: NOTHING },
    );
    expect(await checkLevelKeystore(folder, { now: clock.now })).toMatchObject({ found: 0 });
    await expectRepairable(['terms-stale']);
    await expectWhole();
  });

  it('missing and unreadable terms, when it is told how to find them', async () => {
    for (const value of [{}, { value: Buffer.from('?') }, { value: writeFacts(1, Buffer.from('??')) }]) {
      await damage({ key: factsKey(octets(FIRST)), ...value });
      const without = await checkLevelKeystore(folder, { now: clock.now, repair: true });
      expect(without.findings).toMatchObject([
        { kind: 'facts-missing', fingerprint: FIRST, repair: 'impossible' },
      ]);
      await expectRepairable(['facts-missing']);
      await expectWhole();
    }
  });

  it('terms without a certificate', async () => {
    await damage({ key: factsKey(octets(fingerprint(9))), value: writeFacts(1, terms('all')) });
    await expectRepairable(['facts-orphan']);
    await expectWhole();
  });

  it('a newest change that the log does not hold, by logging the certificate again', async () => {
    await damage(
      { key: logKey(4) },
      { key: HEAD_KEY, value: writeHead({ sequence: 3, certificates: 3, time: clock.time }) },
    );
    await expectRepairable(['change-missing']);
    await expectWhole();
  });

  it('a newer change than the one noted', async () => {
    await damage({ key: factsKey(octets(SECOND)), value: writeFacts(2, terms('all', 'new')) });
    expect(await check()).toEqual([
      ['digest-mismatch', 'impossible'],
      ['change-unnoted', 'possible'],
    ]);
    expect((await check({ repair: true }))[1]).toEqual(['change-unnoted', 'done']);
    expect(await check()).toEqual([]);
    await expectWhole();
  });

  it('figures that are wrong or missing', async () => {
    const wrong = { sequence: 4, certificates: 7, time: clock.time };
    await damage({ key: HEAD_KEY, value: writeHead(wrong) });
    await expectRepairable(['count-wrong']);
    await damage({ key: HEAD_KEY, value: writeHead({ ...wrong, certificates: 3, sequence: 9 }) });
    await expectRepairable(['sequence-wrong']);
    await damage({ key: HEAD_KEY });
    await expectRepairable(['count-wrong', 'sequence-wrong']);
    await expectWhole();
  });

  it('a store in which everything but the certificates is gone', async () => {
    const rows = await openLevelRows(folder, { create: false });
    const keys = (await collect(rows.scanKeys({}, 100))).flat();
    await rows.write(
      keys.filter((key) => key[0] !== 0x63 && !key.equals(FORMAT_KEY)).map((key) => ({ key })),
    );
    await rows.close();
    await expectRepairable([
      'facts-missing',
      'facts-missing',
      'facts-missing',
      'count-wrong',
      'sequence-wrong',
    ]);
    await expectWhole();
  });
});

describe('checkLevelKeystore reports, and leaves alone', () => {
  async function expectLeft(kinds: readonly FindingKind[]): Promise<void> {
    for (const repair of [false, true])
      expect(await check({ repair })).toEqual(kinds.map((kind) => [kind, 'impossible']));
  }

  it('a certificate that was altered', async () => {
    await damage({ key: certificateKey(octets(FIRST)), value: Buffer.from('0 all') });
    await expectLeft(['digest-mismatch']);
  });

  it('a certificate that cannot be read', async () => {
    const value = Buffer.from('broken');
    await damage({ key: certificateKey(octets(FIRST)), value });
    await expectLeft(['unreadable', 'digest-mismatch']);
  });

  it('a certificate that is gone', async () => {
    await damage(
      { key: certificateKey(octets(FIRST)) },
      { key: HEAD_KEY, value: writeHead({ sequence: 4, certificates: 2, time: clock.time }) },
    );
    expect(await check({ repair: true })).toEqual([
      ['facts-orphan', 'done'],
      ['index-orphan', 'done'],
      ['index-orphan', 'done'],
      ['certificate-lost', 'impossible'],
    ]);
    await expectLeft(['certificate-lost']);
  });

  it('gaps, unreadable rows and time that runs backwards in the change log', async () => {
    const digest = Buffer.alloc(32);
    await damage({ key: logKey(2) });
    await expectLeft(['change-gap']);
    await damage({ key: logKey(2), value: Buffer.from('?') });
    await expectLeft(['row-unknown']);
    await damage({ key: logKey(2), value: writeChange(clock.time + 1, 'updated', digest, octets(SECOND)) });
    await expectLeft(['change-order']);
  });

  it('rows of no known kind', async () => {
    const odd = ['', 'a', 'z!', 'm?', 'c?', 'l?', '\u00ff'].map((key) => Buffer.from(key, 'latin1')).slice(1);
    await damage(...odd.map((key) => ({ key, value: NOTHING })));
    await expectLeft(Array.from(odd, () => 'row-unknown'));
  });
});
