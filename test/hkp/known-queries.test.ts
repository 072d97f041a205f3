import { describe, expect, it } from 'vitest';
import { KnownQueries } from '../../src/hkp/known-queries.ts';
import { MAX_KNOWN_QUERIES, MAX_QUESTION_LENGTH } from '../../src/hkp/limits.ts';

describe('a known query', () => {
  it('leads to its question, and no other does', () => {
    const known = new KnownQueries();
    known.add('op=get&search=0xAB', 'get AB');
    expect(known.keyOf('op=get&search=0xAB')).toBe('get AB');
    expect(known.keyOf('op=get&search=0xab')).toBeUndefined();
  });

  it('is forgotten before there are too many', () => {
    const known = new KnownQueries();
    for (let spelling = 0; spelling <= MAX_KNOWN_QUERIES; spelling += 1) known.add(`a&${spelling}`, 'a');
    expect(known.keyOf('a&0')).toBeUndefined();
    expect(known.keyOf(`a&${MAX_KNOWN_QUERIES}`)).toBe('a');
  });

  it('is not kept when it is long, or its question is', () => {
    const known = new KnownQueries();
    const long = 'a'.repeat(MAX_QUESTION_LENGTH + 1);
    known.add(long, 'a');
    known.add('b', long);
    expect([known.keyOf(long), known.keyOf('b')]).toEqual([undefined, undefined]);
  });
});
