import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Parameters } from '../../src/hkp/parameters.ts';
import { decodePercent, textOf } from '../../src/hkp/percent.ts';

describe('percent-encoding', () => {
  it('is undone for every text that was encoded', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), (text) => {
        expect(textOf(decodePercent(encodeURIComponent(text), 'plus'))).toBe(text);
        const form = new URLSearchParams({ text }).toString().slice('text='.length);
        expect(textOf(decodePercent(form, 'space'))).toBe(text);
      }),
    );
  });

  it.each(['%', '%1', '%zz', '%%41', 'a%', '% 1', '%+1'])('of %s is an error', (raw) => {
    expect(() => decodePercent(raw, 'space')).toThrow(expect.objectContaining({ code: 'BAD_PERCENT' }));
  });

  it('of octets that are not UTF-8 is read as Latin-1', () => {
    expect(textOf(decodePercent('%FC', 'plus'))).toBe('\u00FC');
    expect(textOf(decodePercent('\u00FC', 'plus'))).toBe('\u00FC');
    expect(textOf(decodePercent('\u00C3\u00BC', 'plus'))).toBe('\u00FC');
  });
});

describe('Parameters', () => {
  it('compares names without case and takes the first value', () => {
    const parameters = new Parameters('Op=%20get+&op=index&x&=y&%zz=1&exact=ON');
    expect(parameters.text('op')).toBe('get');
    expect(parameters.raw('op')).toBe('%20get+');
    expect(parameters.allRaw('op')).toEqual(['%20get+', 'index']);
    expect(parameters.text('x')).toBe('');
    expect(parameters.text('missing')).toBeUndefined();
    expect(parameters.isOn('exact')).toBe(true);
    expect(parameters.isOn('x')).toBe(false);
  });

  it('has no names that were not sent', () => {
    const parameters = new Parameters('');
    for (const name of ['constructor', '__proto__', 'toString']) expect(parameters.raw(name)).toBeUndefined();
  });
});
