import { describe, expect, it } from 'vitest';
import { MAX_READY_ANSWER_OCTETS, READY_PIECE_OCTETS } from '../../src/hkp/limits.ts';
import { PackedAnswers } from '../../src/hkp/packed-answers.ts';

const ALWAYS = { type: 'text/plain', tag: '"0"', more: [], terms: [], from: 0, until: Infinity };

/** Two to a piece, two pieces. */
function small(forgotten: string[] = []): PackedAnswers {
  return new PackedAnswers(2 * READY_PIECE_OCTETS, (key) => void forgotten.push(key));
}

const LARGE = (letter: string): Buffer => Buffer.alloc(MAX_READY_ANSWER_OCTETS, letter);

function fill(answers: PackedAnswers, keys: string): void {
  for (const key of keys) answers.add(key, LARGE(key), ALWAYS);
}

const kept = (answers: PackedAnswers, keys: string): string =>
  keys.replaceAll(/./g, (key) => (answers.find(key, 0)?.body.equals(LARGE(key)) === true ? key : ''));

describe('packed answers', () => {
  it('are given octet for octet, beside others and after them', () => {
    const answers = small();
    answers.add('none', Buffer.alloc(0), ALWAYS);
    answers.add('a', Buffer.from('first'), { ...ALWAYS, tag: '"1"' });
    answers.add('b', Buffer.from('second'), ALWAYS);
    answers.add('a', Buffer.from('third'), ALWAYS);
    expect(['none', 'a', 'b'].map((key) => answers.find(key, 0)?.body.toString())).toEqual([
      '',
      'third',
      'second',
    ]);
  });

  it('give way a piece at a time, the oldest first, and whoever depends on them is told', () => {
    const forgotten: string[] = [];
    const answers = small(forgotten);
    fill(answers, 'abcde');
    expect(forgotten).toEqual(['a', 'b']);
    expect(kept(answers, 'abcde')).toBe('cde');
  });

  it('stay longer when they are asked for, as far as newer ones have room', () => {
    const forgotten: string[] = [];
    const answers = small(forgotten);
    fill(answers, 'abcd');
    expect(kept(answers, 'ab')).toBe('ab');
    fill(answers, 'e');
    expect(kept(answers, 'abcde')).toBe('acde');
    expect(forgotten).toEqual(['b']);
  });

  it('do not stay when they were not asked for again', () => {
    const answers = small();
    fill(answers, 'abcd');
    answers.find('a', 0);
    fill(answers, 'efgh');
    expect(kept(answers, 'abcdefgh')).toBe('fgh');
  });

  it('are not changed in the hands of a slow client', () => {
    const answers = small();
    fill(answers, 'a');
    const given = answers.find('a', 0)?.body;
    fill(answers, 'bcdefghijk');
    expect(kept(answers, 'a')).toBe('');
    expect(given?.equals(LARGE('a'))).toBe(true);
  });

  it('that were deleted do not come back when their piece makes room', () => {
    const forgotten: string[] = [];
    const answers = small(forgotten);
    fill(answers, 'ab');
    answers.find('a', 0);
    answers.delete('a');
    fill(answers, 'cde');
    expect(kept(answers, 'abcde')).toBe('cde');
    expect(forgotten).toEqual(['a', 'b']);
  });

  it('are refused when they are too long for a piece', () => {
    const lengths = [MAX_READY_ANSWER_OCTETS, MAX_READY_ANSWER_OCTETS + 1];
    expect(lengths.map((length) => small().wants('a', Buffer.alloc(length)))).toEqual([true, false]);
  });
});
