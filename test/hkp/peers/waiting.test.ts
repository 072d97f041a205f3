import { describe, expect, it } from 'vitest';
import { MAX_WAITING, RETRY_AFTER } from '../../../src/hkp/peers/limits.ts';
import { dueNow, settle, wait } from '../../../src/hkp/peers/waiting.ts';
import type { Waiting } from '../../../src/hkp/peers/waiting.ts';

const KEY = 'A'.repeat(40);
const OTHER = 'B'.repeat(40);

describe('wait', () => {
  it('tries further and further apart, and then gives up', () => {
    let waiting: readonly Waiting[] = [];
    let now = 0;
    for (const after of RETRY_AFTER) {
      const put = wait(waiting, KEY, now);
      expect(put.givenUp).toBe(false);
      waiting = put.waiting;
      expect(dueNow(waiting, now + after - 1)).toEqual([]);
      now += after;
      expect(dueNow(waiting, now)).toEqual([KEY]);
    }
    expect(wait(waiting, KEY, now)).toEqual({ waiting: [], givenUp: true });
    expect([...RETRY_AFTER]).toEqual([...RETRY_AFTER].toSorted((a, b) => a - b));
  });

  it('leaves the others as they are', () => {
    const one = wait([], KEY, 0).waiting;
    const two = wait(one, OTHER, 5).waiting;
    expect(settle(two, OTHER)).toEqual(one);
    expect(settle(two, KEY).map(({ fingerprint }) => fingerprint)).toEqual([OTHER]);
  });

  it('refuses more than it has room for, but not another try of one that waits', () => {
    let waiting: readonly Waiting[] = [];
    for (let i = 0; i < MAX_WAITING; i += 1)
      waiting = wait(waiting, i.toString(16).padStart(40, '0'), 0).waiting;
    expect(() => wait(waiting, KEY, 0)).toThrow(expect.objectContaining({ code: 'BAD_ANSWER' }));
    expect(wait(waiting, '0'.repeat(40), 0).waiting).toHaveLength(MAX_WAITING);
  });
});
