import { describe, expect, it } from 'vitest';

import { GatheredReads } from '../../src/keystore/gathered-reads.ts';

const key = (name: string): Buffer => Buffer.from(name);

/** Rows whose value is their key; each read waits until it is let go. */
function slowRows(): {
  reads: string[][];
  letGo: () => void;
  rows: ConstructorParameters<typeof GatheredReads>[0];
} {
  const reads: string[][] = [];
  const waiting: (() => void)[] = [];
  const getMany = async (keys: readonly Buffer[]): Promise<(Buffer | undefined)[]> => {
    reads.push(keys.map(String));
    await new Promise<void>((resolve) => waiting.push(resolve));
    if (keys.some((one) => String(one) === 'bad')) throw new Error('unreadable');
    return [...keys];
  };
  return { reads, letGo: () => waiting.shift()?.(), rows: { getMany } };
}

describe('GatheredReads', () => {
  it('reads at once, and together what is asked for meanwhile', async () => {
    const { reads, letGo, rows } = slowRows();
    const gathered = new GatheredReads(rows, { keys: 100, reads: 1 });
    const first = gathered.getMany([key('a'), key('b')]);
    const second = gathered.getMany([key('c')]);
    const third = gathered.getMany([key('d'), key('e')]);
    expect(reads).toEqual([['a', 'b']]);
    letGo();
    expect((await first).map(String)).toEqual(['a', 'b']);
    await Promise.resolve();
    expect(reads).toEqual([
      ['a', 'b'],
      ['c', 'd', 'e'],
    ]);
    letGo();
    expect([(await second).map(String), (await third).map(String)]).toEqual([['c'], ['d', 'e']]);
  });

  it('does not read more than so many rows together', async () => {
    const { reads, letGo, rows } = slowRows();
    const gathered = new GatheredReads(rows, { keys: 3, reads: 1 });
    const all = ['a', 'b', 'c', 'd'].map((one) => gathered.getMany([key(`${one}1`), key(`${one}2`)]));
    for (const one of all) {
      letGo();
      await one;
    }
    expect(reads.map((keys) => keys.length)).toEqual([2, 2, 2, 2]);
  });

  it('has as many reads under way as it may', async () => {
    const { reads, letGo, rows } = slowRows();
    const gathered = new GatheredReads(rows, { keys: 100, reads: 2 });
    const all = ['a', 'b', 'c', 'd'].map((one) => gathered.getMany([key(one)]));
    expect(reads).toEqual([['a'], ['b']]);
    letGo();
    await all[0];
    await Promise.resolve();
    expect(reads).toEqual([['a'], ['b'], ['c', 'd']]);
    letGo();
    letGo();
    expect((await Promise.all(all)).flat().map(String)).toEqual(['a', 'b', 'c', 'd']);
  });

  it('tells a failure to those it concerns, and goes on', async () => {
    const { letGo, rows } = slowRows();
    const gathered = new GatheredReads(rows, { keys: 100, reads: 1 });
    const bad = gathered.getMany([key('bad')]);
    const good = gathered.getMany([key('a')]);
    letGo();
    await expect(bad).rejects.toThrow('unreadable');
    letGo();
    expect((await good).map(String)).toEqual(['a']);
  });
});
