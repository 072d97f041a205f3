import fc from 'fast-check';
import { describe, expect, test } from 'vitest';

import { ruleFor } from '../../src/policy/scope.ts';
import { policyOf, ruleOf } from './facts-fixture.ts';

/** Rules named after their scopes; a scope that ends in `!` is not recursive, an empty one is the fallback. */
function chosen(scopes: readonly string[], path: string | Uint8Array): string | undefined {
  const rules = scopes.map((text) =>
    ruleOf({
      name: text,
      ...(text === '' ? {} : { scope: text.replace('!', '') }),
      recursive: !text.endsWith('!'),
    }),
  );
  // The default of the fixture has a scope; a fallback has none.
  const policy = policyOf({
    rules: rules.map((rule) => {
      if (rule.name !== '') return rule;
      const { scope: _, ...fallback } = rule;
      return fallback;
    }),
  });
  return ruleFor(policy, typeof path === 'string' ? Buffer.from(path) : path)?.name;
}

describe('a rule is chosen by folders', () => {
  test.each<[string, readonly string[], string, string | undefined]>([
    ['in the folder', ['/srv/a'], '/srv/a/x.sif', '/srv/a'],
    ['in a folder below', ['/srv/a'], '/srv/a/b/c/x.sif', '/srv/a'],
    ['the scope is the file itself', ['/srv/a/x.sif'], '/srv/a/x.sif', '/srv/a/x.sif'],
    ['AD1: beside, with a name that begins alike', ['/srv/a'], '/srv/ab/x.sif', undefined],
    ['CVE-2026-47215: /data/ok is not /data/okEVIL', ['/data/ok'], '/data/okEVIL/x.sif', undefined],
    ['CVE-2026-48785: nor is a file that begins like the folder', ['/data/ok'], '/data/ok.sif', undefined],
    ['above', ['/srv/a/b'], '/srv/a/x.sif', undefined],
    ['the longest scope alone', ['/srv', '/srv/a/b', '/srv/a', ''], '/srv/a/b/x.sif', '/srv/a/b'],
    ['the root folder has everything', ['/'], '/x.sif', '/'],
    ['the root folder comes before the fallback', ['', '/'], '/x.sif', '/'],
    ['the fallback has the rest', ['/srv', ''], '/home/x.sif', ''],
    ['not recursive: in the folder', ['/srv/a!'], '/srv/a/x.sif', '/srv/a!'],
    ['not recursive: not below', ['/srv/a!'], '/srv/a/b/x.sif', undefined],
    ['not recursive: not the scope itself', ['/srv/a!'], '/srv/a', undefined],
    ['not recursive: the root folder', ['/!'], '/x.sif', '/!'],
    ['not recursive: not below the root folder', ['/!'], '/a/x.sif', undefined],
    ['not recursive above a longer one', ['/srv!', '/srv/a'], '/srv/a/x.sif', '/srv/a'],
    ['not recursive leaves what is below to shorter ones', ['/srv', '/srv/a!'], '/srv/a/b/x.sif', '/srv'],
    ['upper and lower case differ', ['/srv/A'], '/srv/a/x.sif', undefined],
    ['letters beyond ASCII', ['/srv/größe'], '/srv/größe/x.sif', '/srv/größe'],
    [
      'another way to write the same letter is another folder',
      ['/srv/\u00e9'],
      '/srv/e\u0301/x.sif',
      undefined,
    ],
  ])('%s', (_, scopes, path, expected) => {
    expect(chosen(scopes, path)).toBe(expected);
  });

  test.each([
    '',
    'srv/x.sif',
    '/srv/../etc/x.sif',
    '/srv/./x.sif',
    '/srv//x.sif',
    '/srv/',
    '/srv/..',
    'pipe:[7]',
  ])('AD2: %j cannot be the real path of a file, so it is in no rule, not even the fallback', (path) => {
    expect(chosen(['/srv', '/', ''], path)).toBeUndefined();
  });

  test('AD24: octets that are no text, and newlines, are parts of names', () => {
    const path = Buffer.concat([Buffer.from('/srv/a\n'), Buffer.of(0xff, 0xfe), Buffer.from('/x.sif')]);
    expect(chosen(['/srv', '/srv/a'], path)).toBe('/srv');
  });
});

test('the order of rules does not matter', () => {
  const scopes = ['/srv', '/srv/a', '/srv/a/b!', '/', ''];
  const path = fc
    .array(fc.constantFrom('srv', 'a', 'b', 'ab', 'x.sif'), { minLength: 1, maxLength: 5 })
    .map((names) => `/${names.join('/')}`);
  fc.assert(
    fc.property(fc.shuffledSubarray(scopes, { minLength: 5 }), path, (shuffled, real) => {
      expect(chosen(shuffled, real)).toBe(chosen(scopes, real));
    }),
  );
});
