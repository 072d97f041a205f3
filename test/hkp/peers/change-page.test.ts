import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { HkpClientError } from '../../../src/hkp/client/error.ts';
import { readChangePage } from '../../../src/hkp/peers/change-page.ts';

const KEY = 'AB'.repeat(20);
const DIGEST = '0f'.repeat(32);
const change = { sequence: 8, time: 1, fingerprint: KEY, kind: 'updated', digest: DIGEST };
const page = { log: DIGEST, sequence: 9, changes: [change], more: false };
const asked = { since: 7, limit: 2 };

const read = (value: unknown): ReturnType<typeof readChangePage> =>
  readChangePage(JSON.stringify(value), asked);

function errorOf(run: () => unknown): unknown {
  try {
    run();
    return undefined;
  } catch (error) {
    return error;
  }
}

describe('readChangePage', () => {
  it('reads what a keystore answers', () => {
    const removed = { sequence: 9, time: 1, fingerprint: 'CD'.repeat(32), kind: 'removed' };
    expect(read({ ...page, changes: [change, removed] })).toEqual({
      log: DIGEST,
      sequence: 9,
      changes: [
        { sequence: 8, fingerprint: KEY, removed: false, digest: DIGEST },
        { sequence: 9, fingerprint: 'CD'.repeat(32), removed: true, digest: undefined },
      ],
      more: false,
    });
    expect(read({ sequence: 0, changes: [], more: false }).log).toBeUndefined();
  });

  it.each([
    ['a sequence that was passed already', { ...page, changes: [{ ...change, sequence: 7 }] }],
    ['sequences out of order', { ...page, changes: [{ ...change, sequence: 9 }, change] }],
    ['a change after the newest', { ...page, changes: [{ ...change, sequence: 10 }] }],
    [
      'more than was asked for',
      { ...page, changes: [8, 9, 10].map((sequence) => ({ ...change, sequence })), sequence: 10 },
    ],
    ['more to come and nothing now: it would be asked for ever', { ...page, changes: [], more: true }],
    ['a fingerprint in lower case', { ...page, changes: [{ ...change, fingerprint: KEY.toLowerCase() }] }],
    ['a path as a fingerprint', { ...page, changes: [{ ...change, fingerprint: '../../etc/passwd' }] }],
    ['a digest that is none', { ...page, changes: [{ ...change, digest: 'x' }] }],
    ['a log that is none', { ...page, log: 7 }],
    ['a sequence that is no number', { ...page, sequence: '9' }],
    ['a list that is none', { ...page, changes: {} }],
    ['nothing', null],
  ])('refuses %s', (_, value) => {
    expect(() => read(value)).toThrow(expect.objectContaining({ code: 'BAD_ANSWER' }));
  });

  it('reads any other text or throws BAD_ANSWER', () => {
    const text = fc.oneof(
      fc.string(),
      fc.json(),
      fc
        .record({
          log: fc.anything(),
          sequence: fc.nat(),
          changes: fc.array(fc.anything()),
          more: fc.boolean(),
        })
        .map((one) => JSON.stringify(one)),
    );
    fc.assert(
      fc.property(text, (one) => {
        const error = errorOf(() => readChangePage(one, asked));
        expect(error === undefined || error instanceof HkpClientError).toBe(true);
      }),
    );
  });
});
