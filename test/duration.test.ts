import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { durationText, parseDuration } from '../src/duration.ts';

describe('parseDuration', () => {
  it.each([
    ['250ms', 250],
    ['300s', 300_000],
    ['15m', 900_000],
    ['72h', 259_200_000],
    ['7d', 604_800_000],
    ['0s', 0],
  ])('reads %s', (text, milliseconds) => {
    expect(parseDuration(text)).toBe(milliseconds);
  });

  it.each(['', '72', 'h', '1.5h', '-1s', '1w', '1H', ' 1h', '1h30m', '1234567890s', '1us', '1sm'])(
    'refuses %j',
    (text) => {
      expect(parseDuration(text)).toBeUndefined();
    },
  );

  it('reads what durationText writes', () => {
    fc.assert(
      fc.property(fc.nat(999_999_999), (milliseconds) => {
        expect(parseDuration(durationText(milliseconds))).toBe(milliseconds);
      }),
    );
    const texts = [0, 20, 1500, 59_000, 3_600_000, 5_400_000, 172_800_000].map(durationText);
    expect(texts).toEqual(['0s', '20ms', '1500ms', '59s', '1h', '90m', '2d']);
  });
});
