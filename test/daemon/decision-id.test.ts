import { expect, test } from 'vitest';
import { decisionId } from '../../src/daemon/decision-id.ts';

test('names of decisions are all different, and in the order of time', () => {
  const times = Array.from({ length: 2000 }, (_, i) => Date.UTC(2026, 10, 30) + Math.floor(i / 2) * 1000);
  const ids = times.map(decisionId);
  expect(new Set(ids).size).toBe(2000);
  expect(ids.every((id) => /^[0-9A-HJKMNP-TV-Z]{26}$/.test(id))).toBe(true);
  const seconds = ids.filter((_, i) => i % 2 === 0);
  expect(seconds.toSorted()).toEqual(seconds);
});
