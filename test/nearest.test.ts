import { describe, expect, it } from 'vitest';
import { nearest } from '../src/nearest.ts';

describe('nearest', () => {
  it('finds the word with a letter missing, doubled, exchanged or swapped', () => {
    const words = ['listen', 'data', 'config'];
    expect(nearest('lisen', words)).toBe('listen');
    expect(nearest('dataa', words)).toBe('data');
    expect(nearest('konfig', words)).toBe('config');
    expect(nearest('lsiten', words)).toBe('listen');
  });

  it('prefers the nearest of several', () => {
    expect(nearest('subkey', ['subkeys', 'sub'])).toBe('subkeys');
  });

  it('finds nothing when no word is near, or there is none', () => {
    expect(nearest('port', ['listen', 'data'])).toBeUndefined();
    expect(nearest('x', [])).toBeUndefined();
    expect(nearest('', ['listen'])).toBeUndefined();
  });
});
