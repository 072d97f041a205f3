import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { durationText, parseDuration } from '../../src/policy/duration.ts';

describe('parseDuration', () => {
  it.each([
    ['300s', 300],
    ['15m', 900],
    ['72h', 259_200],
    ['7d', 604_800],
    ['0s', 0],
  ])('reads %s', (text, seconds) => {
    expect(parseDuration(text)).toBe(seconds);
  });

  it.each(['', '72', 'h', '1.5h', '-1s', '1w', '1H', ' 1h', '1h30m', '1234567890s', '1ms'])(
    'refuses %j',
    (text) => {
      expect(parseDuration(text)).toBeUndefined();
    },
  );

  it('reads what durationText writes', () => {
    fc.assert(
      fc.property(fc.nat(999_999_999), (seconds) => {
        expect(parseDuration(durationText(seconds))).toBe(seconds);
      }),
    );
    expect([0, 59, 3600, 5400, 172_800].map(durationText)).toEqual(['0s', '59s', '1h', '90m', '2d']);
  });
});
