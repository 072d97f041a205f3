import { expect, it } from 'vitest';
import { ReaderThreads } from '../../src/daemon/reader-threads.ts';

it('says that no thread answered, until one does; questions that overlap are one', async () => {
  let answers = false;
  let asked = 0;
  const threads = new ReaderThreads({
    answers: () => {
      asked += 1;
      return Promise.resolve(answers);
    },
  });
  expect(threads.problem).toBeUndefined();
  expect(await Promise.all([threads.answer(), threads.answer()])).toEqual([false, false]);
  expect(asked).toBe(1);
  expect(threads.problem).toMatch(/none/);
  answers = true;
  expect(await threads.answer()).toBe(true);
  expect(threads.problem).toBeUndefined();
});
