import { describe, expect, it } from 'vitest';

import { KeyedLock } from '../../src/keystore/keyed-lock.ts';

describe('KeyedLock', () => {
  it('runs the work of one key one after another, in the order asked for, also after a failure', async () => {
    const lock = new KeyedLock();
    const log: string[] = [];
    const work = (name: string, fails: boolean) => async () => {
      log.push(`${name} begins`);
      await new Promise(setImmediate);
      log.push(`${name} ends`);
      if (fails) throw new RangeError(name);
      return name;
    };
    const results = await Promise.allSettled([
      lock.run('k', work('a', false)),
      lock.run('k', work('b', true)),
      lock.run('k', work('c', false)),
    ]);
    expect(results.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
    expect(log).toEqual(['a begins', 'a ends', 'b begins', 'b ends', 'c begins', 'c ends']);
  });

  it('does not hold up the work of another key', async () => {
    const lock = new KeyedLock();
    let release = (): void => {};
    const held = lock.run(
      'a',
      () =>
        new Promise<void>((resolve) => {
          release = resolve;
        }),
    );
    expect(await lock.run('b', async () => 'done')).toBe('done');
    release();
    await held;
    expect(await lock.run('a', async () => 'again')).toBe('again');
  });
});
