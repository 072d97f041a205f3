import { describe, expect, it } from 'vitest';

import { Tally } from '../../src/openpgp/tally.ts';

describe('Tally', () => {
  it('counts by what was left out and why, in the order of first mention', () => {
    const tally = new Tally();
    tally.add('user ID', 'empty');
    tally.add('signature', 'version 3', 4);
    tally.add('user ID', 'empty', 2);
    tally.add('user ID', 'no valid self-signature');
    expect(tally.entries).toEqual([
      { what: 'user ID', why: 'empty', count: 3 },
      { what: 'signature', why: 'version 3', count: 4 },
      { what: 'user ID', why: 'no valid self-signature', count: 1 },
    ]);
  });

  it('has no entry for a count of nothing', () => {
    const tally = new Tally();
    tally.add('signature', 'does not verify', 0);
    expect(tally.entries).toEqual([]);
  });

  it('hands out copies', () => {
    const tally = new Tally();
    tally.add('user ID', 'empty');
    const before = tally.entries;
    tally.add('user ID', 'empty');
    expect(before).toEqual([{ what: 'user ID', why: 'empty', count: 1 }]);
  });
});
