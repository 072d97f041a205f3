import fc from 'fast-check';
import { expect, test } from 'vitest';

import { FairQueue } from '../../../src/admission/image/fair-queue.ts';

test('callers take turns, and what one asked for stays in order', () => {
  const queue = new FairQueue<string>({ total: 10, perCaller: 5 });
  for (const item of ['a1', 'a2', 'a3', 'b1', 'c1', 'b2']) queue.push(item.charAt(0), item);
  const order: (string | undefined)[] = [];
  while (queue.length > 0) order.push(queue.shift());
  expect(order).toEqual(['a1', 'b1', 'c1', 'a2', 'b2', 'a3']);
  expect(queue.shift()).toBeUndefined();
});

test('no caller and not all together may have more wait than allowed', () => {
  const queue = new FairQueue<number>({ total: 3, perCaller: 2 });
  const full = expect.objectContaining({ code: 'QUEUE_FULL' });
  queue.push('a', 1);
  queue.push('a', 2);
  expect(() => queue.push('a', 3)).toThrow(full);
  queue.push('b', 4);
  expect(() => queue.push('c', 5)).toThrow(full);
  queue.shift();
  queue.push('c', 5);
  expect(queue.length).toBe(3);
});

test('everything that went in comes out once', () => {
  const step = fc.oneof(fc.constant('take' as const), fc.constantFrom('a', 'b', 'c'));
  fc.assert(
    fc.property(fc.array(step), (steps) => {
      const queue = new FairQueue<string>({ total: 1000, perCaller: 1000 });
      const waiting: string[] = [];
      const out: string[] = [];
      steps.forEach((one, i) => {
        if (one === 'take') out.push(...[queue.shift()].filter((item) => item !== undefined));
        else {
          queue.push(one, `${one}${i}`);
          waiting.push(`${one}${i}`);
        }
      });
      expect(queue.length).toBe(waiting.length - out.length);
      while (queue.length > 0) out.push(queue.shift() ?? 'nothing');
      expect(out.toSorted()).toEqual(waiting.toSorted());
    }),
  );
});
