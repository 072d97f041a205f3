import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { fingerprintText } from '../../src/keystore/fingerprint-octets.ts';
import type { Term } from '../../src/keystore/keystore.ts';
import { openLevelRows } from '../../src/keystore/level.ts';
import { carriersOfAll } from '../../src/keystore/postings.ts';
import { indexKey } from '../../src/keystore/row-layout.ts';
import type { Rows } from '../../src/keystore/rows.ts';
import { termOctets } from '../../src/keystore/term-octets.ts';
import { fingerprint, word } from './sample.ts';
import { temporaryFolder } from './temporary-folder.ts';

const CERTIFICATES = 3000;
let rows: Rows;
let remove: () => Promise<void>;

/** `all` is on every certificate, `two` on every second, `ten` on every tenth, `odd` where `two` is not. */
beforeAll(async () => {
  const temporary = await temporaryFolder();
  remove = temporary.remove;
  rows = await openLevelRows(temporary.folder, { create: true });
  const value = Buffer.alloc(0);
  const batch = [];
  for (let n = 0; n < CERTIFICATES; n += 1) {
    const terms = ['all', n % 2 === 0 ? 'two' : 'odd', n % 10 === 0 ? 'ten' : ''];
    const octets = Buffer.from(fingerprint(n), 'hex');
    for (const term of terms) batch.push({ key: indexKey(termOctets(word(term)), octets), value });
  }
  await rows.write(batch);
});

afterAll(async () => {
  await rows.close();
  await remove();
});

function expected(every: number): string[] {
  const all = Array.from({ length: CERTIFICATES }, (_, n) => n);
  return all
    .filter((n) => n % every === 0)
    .map(fingerprint)
    .toSorted();
}

async function found(terms: readonly Term[], count: number, bound?: number): Promise<string[]> {
  const search = { terms: terms.map(termOctets), after: undefined, count };
  return (await carriersOfAll(rows, search, bound)).map(fingerprintText);
}

describe('carriersOfAll', () => {
  it('reads as many carriers of one term as were asked for, over several reads', async () => {
    expect(await found([word('all')], CERTIFICATES + 1)).toEqual(expected(1));
    expect(await found([word('two')], 1000)).toEqual(expected(2).slice(0, 1000));
    expect(await found([word('all')], 1)).toEqual(expected(1).slice(0, 1));
  });

  it('meets several terms in any order', async () => {
    expect(await found([word('all'), word('ten'), word('two')], CERTIFICATES)).toEqual(expected(10));
    expect(await found([word('ten'), word('two'), word('all')], 7)).toEqual(expected(10).slice(0, 7));
    expect(await found([word('two'), word('odd')], 5)).toEqual([]);
    expect(await found([word('two'), word('none')], 5)).toEqual([]);
  });

  it('walks the rarest term: a rare one among common ones is no great work', async () => {
    for (const terms of [
      ['all', 'ten'],
      ['ten', 'all', 'two'],
    ]) {
      const rare = await found(terms.map(word), CERTIFICATES, 301);
      expect(rare).toEqual(expected(10));
    }
  });

  it('stops with TOO_BROAD when common terms do not meet, and not when a page is full before', async () => {
    await expect(found([word('two'), word('odd')], 1, 1000)).rejects.toMatchObject({ code: 'TOO_BROAD' });
    expect(await found([word('all'), word('two')], 100, 600)).toEqual(expected(2).slice(0, 100));
  });
});
