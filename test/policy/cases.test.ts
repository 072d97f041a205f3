import fc from 'fast-check';
import { describe, expect, test } from 'vitest';

import { judgeCase, parseCases } from '../../src/policy/cases.ts';
import { PolicyError } from '../../src/policy/error.ts';
import { judge, signatureBy } from './facts-fixture.ts';

function failure(text: string): PolicyError {
  try {
    parseCases(text, 'cases.toml');
  } catch (error) {
    if (error instanceof PolicyError) return error;
    throw error;
  }
  throw new Error('it was read');
}

describe('a table of cases', () => {
  test('says of each image what is expected', () => {
    const text = `
[[case]]
image = "images/app.sif"
expect = "admit"

[[case]]
name = "after the leak"
image = "images/app.sif"
path = "/srv/prod/app.sif"
expect = "refuse"
reason = "KEY_REVOKED_HARD"
at = 2026-12-24T18:00:00+01:00
`;
    expect(parseCases(text, 'cases.toml')).toEqual([
      { name: '1', image: 'images/app.sif', expect: 'admit' },
      {
        name: 'after the leak',
        image: 'images/app.sif',
        path: '/srv/prod/app.sif',
        expect: 'refuse',
        reason: 'KEY_REVOKED_HARD',
        at: Date.UTC(2026, 11, 24, 17) / 1000,
      },
    ]);
  });

  test('may be empty', () => {
    expect(parseCases('', 'cases.toml')).toEqual([]);
  });

  test('that is no TOML is named with its line', () => {
    const error = failure('[[case]]\nimage = ');
    expect(error.code).toBe('BAD_SYNTAX');
    expect(error.message).toContain('cases.toml:2:');
  });

  const good = 'image = "a"\nexpect = "admit"\n';
  test.each([
    ['no image', 'expect = "admit"'],
    ['no expectation', 'image = "a"'],
    ['an unknown answer', 'image = "a"\nexpect = "maybe"'],
    ['an unknown reason', `${good}reason = "BECAUSE"`],
    ['a reason that only every object has', `${good}reason = "toString"`],
    ['a key that means nothing', `${good}exepct = "admit"`],
    ['a relative path', `${good}path = "srv/a"`],
    ['a path that is not real', `${good}path = "/srv/../a"`],
    ['a folder as path', `${good}path = "/srv/"`],
    ['a time without offset', `${good}at = 2026-12-24T18:00:00`],
    ['a day', `${good}at = 2026-12-24`],
    ['a time as text', `${good}at = "2026-12-24T18:00:00Z"`],
  ])('with %s is refused, and the case is named', (_, body) => {
    const error = failure(`[[case]]\n${good}\n[[case]]\n${body}`);
    expect(error.code).toBe('BAD_CASES');
    expect(error.message).toContain('case 2');
  });

  test('with something else than cases is refused', () => {
    expect(failure('cases = 1').code).toBe('BAD_CASES');
    expect(failure('case = 1').code).toBe('BAD_CASES');
  });

  test('that is too long is refused before it is read', () => {
    expect(failure('#'.repeat(4_000_001)).code).toBe('BAD_CASES');
  });

  test('names every fault', () => {
    const error = failure('[[case]]\nimage = "a"\n[[case]]\nexpect = "admit"');
    expect(error.message.split('\n')).toHaveLength(2);
  });

  test('of any text is read or refused with a code', () => {
    const piece = fc.constantFrom(
      '[[case]]\n',
      'image = "a"\n',
      'expect = "admit"\n',
      'at = 1\n',
      '[case]\n',
      '"',
      '=',
      '\n',
    );
    const text = fc.oneof(
      fc.string(),
      fc.array(piece).map((pieces) => pieces.join('')),
    );
    fc.assert(
      fc.property(text, (any) => {
        try {
          parseCases(any, 'cases.toml');
        } catch (error) {
          if (!(error instanceof PolicyError)) throw error;
        }
      }),
    );
  });
});

describe('a case', () => {
  const admitted = judge({}, [signatureBy('alice')]);
  const refused = judge({}, []);
  const about = { name: '1', image: 'a' };

  test('passes when what came is what was expected', () => {
    expect(judgeCase({ ...about, expect: 'admit' }, admitted)).toEqual({ passed: true, difference: '' });
    expect(judgeCase({ ...about, expect: 'refuse' }, refused).passed).toBe(true);
    expect(judgeCase({ ...about, expect: 'refuse', reason: 'UNSIGNED' }, refused).passed).toBe(true);
  });

  test('fails when the verdict is another one, also when audit mode admits', () => {
    const result = judgeCase({ ...about, expect: 'admit' }, judge({ mode: 'audit' }, []));
    expect(result).toEqual({
      passed: false,
      difference: 'expected admit, came refuse (UNSIGNED, THRESHOLD_NOT_MET)',
    });
  });

  test('fails when it is refused for another reason', () => {
    const result = judgeCase({ ...about, expect: 'refuse', reason: 'DENIED_DIGEST' }, refused);
    expect(result.difference).toBe(
      'expected refuse (DENIED_DIGEST), came refuse (UNSIGNED, THRESHOLD_NOT_MET)',
    );
  });

  test('with a reason that is only told does not pass as a refusal for it', () => {
    const revocation = { hard: false, at: 1_794_000_000, text: '', from: 'REMOTE' } as const;
    const alice = signatureBy('alice');
    const told = judge({}, [{ ...alice, ...(alice.maker && { maker: { ...alice.maker, revocation } }) }]);
    expect(judgeCase({ ...about, expect: 'admit', reason: 'KEY_REVOKED_SOFT' }, told).passed).toBe(true);
    expect(judgeCase({ ...about, expect: 'refuse', reason: 'KEY_REVOKED_SOFT' }, told).passed).toBe(false);
  });
});
