import { expect, it } from 'vitest';
import { LimitTally } from '../../src/server/limit-tally.ts';

it('tells how often each limit was hit, and hands everything on', () => {
  const counted: string[] = [];
  const next = {
    now: () => 0,
    count: (...figures: readonly (string | number)[]) => void counted.push(figures.join(' ')),
  };
  const tally = new LimitTally(() => 7, next);
  tally.count('/pks/add', 'POST', 413, 2);
  tally.count('/pks/lookup', 'GET', 429, 0);
  tally.count('/pks/lookup', 'GET', 429, 0);
  tally.count('/pks/lookup', 'GET', 200, 1);
  expect(tally.hit()).toEqual({ 'upload size': 1, 'request rate': 2, 'header size': 0 });
  expect(counted).toHaveLength(4);
  expect(counted[0]).toBe('/pks/add POST 413 2');
  expect(tally.now()).toBe(7);
});
