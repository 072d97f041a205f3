import { describe, expect, it } from 'vitest';
import { AskedBefore } from '../../src/hkp/asked-before.ts';

describe('asked before', () => {
  it('is what was asked a short while ago, and nothing else', () => {
    const asked = new AskedBefore();
    const first = ['', 'get', 'get 0x1', 'get 0x2', 'Schlüssel'];
    expect(first.map((question) => asked.before(question))).toEqual(first.map(() => false));
    expect(first.map((question) => asked.before(question))).toEqual(first.map(() => true));
    expect(asked.before('get 0x3')).toBe(false);
  });

  it('is forgotten when very many others were asked since', () => {
    const asked = new AskedBefore(16);
    asked.before('mine');
    for (let other = 0; other < 1000; other += 1) asked.before(`other ${other}`);
    expect(asked.before('mine')).toBe(false);
  });
});
