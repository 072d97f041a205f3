import { expect, it } from 'vitest';
import { TimeSlice } from '../../src/admission/time-slice.ts';

it('lets others have their turn when its time is over, and not before', async () => {
  let time = 0;
  let turns = 0;
  const slice = new TimeSlice(() => time);
  setImmediate(() => (turns += 1));
  for (let step = 0; step < 5; step += 1) {
    await slice.pause();
    time += 1;
  }
  expect(turns).toBe(0);
  await slice.pause();
  expect(turns).toBe(1);
  setImmediate(() => (turns += 1));
  await slice.pause();
  expect(turns).toBe(1);
});
