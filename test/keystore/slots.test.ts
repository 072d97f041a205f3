import { describe, expect, it } from 'vitest';

import { Slots } from '../../src/keystore/slots.ts';

describe('Slots', () => {
  it('lets so many in, the others when one leaves, in the order of their coming', async () => {
    const slots = new Slots(2, 3_600_000);
    expect(await Promise.all([slots.enter(), slots.enter()])).toEqual([true, true]);
    const entered: string[] = [];
    const waiting = ['a', 'b'].map((name) => slots.enter().then(() => entered.push(name)));
    await new Promise(setImmediate);
    expect(entered).toEqual([]);
    slots.leave();
    await waiting[0];
    expect(entered).toEqual(['a']);
    slots.leave();
    await waiting[1];
    expect(entered).toEqual(['a', 'b']);
  });

  it('sends away who has waited for too long, and gives his place to nobody', async () => {
    const slots = new Slots(1, 1);
    expect(await slots.enter()).toBe(true);
    expect(await slots.enter()).toBe(false);
    slots.leave();
    expect(await slots.enter()).toBe(true);
    expect(await slots.enter()).toBe(false);
  });
});
