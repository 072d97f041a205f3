import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { LatelyUsed } from '../../src/admission/lately-used.ts';

type Act = readonly ['get' | 'peek' | 'set' | 'delete', key: string, value: number];

const acts: fc.Arbitrary<Act[]> = fc.array(
  fc.tuple(
    fc.constantFrom('get' as const, 'peek' as const, 'set' as const, 'delete' as const),
    fc.constantFrom('a', 'b', 'c', 'd'),
    fc.nat(9),
  ),
  { maxLength: 40 },
);

/** What is to come of it, with everything put in order each time. */
function actPlainly(map: Map<string, number>, [what, key, value]: Act): number | boolean | undefined {
  const held = map.get(key);
  if (what === 'peek') return held;
  const there = map.delete(key);
  if (what === 'delete') return there;
  const after = what === 'set' ? value : held;
  if (after !== undefined) map.set(key, after);
  return what === 'get' ? held : undefined;
}

function act(used: LatelyUsed<number>, [what, key, value]: Act): number | boolean | undefined {
  switch (what) {
    case 'get':
      return used.get(key);
    case 'peek':
      return used.peek(key);
    case 'delete':
      return used.delete(key);
    case 'set':
      used.set(key, value);
      return undefined;
  }
}

describe('LatelyUsed', () => {
  it('is in the order of use, whatever is done to it', () => {
    fc.assert(
      fc.property(acts, (history) => {
        const used = new LatelyUsed<number>();
        const plain = new Map<string, number>();
        for (const one of history) {
          expect(act(used, one)).toBe(actPlainly(plain, one));
          expect([...used.values()]).toEqual([...plain.values()]);
          expect([used.size, used.oldest]).toEqual([plain.size, [...plain.keys()][0]]);
        }
      }),
    );
  });
});
