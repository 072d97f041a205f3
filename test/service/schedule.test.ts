import { describe, expect, it } from 'vitest';
import type { Log } from '../../src/log.ts';
import { createSchedule, isSchedule } from '../../src/service/schedule.ts';
import type { Job } from '../../src/service/schedule.ts';

const EVERY_SECOND = '* * * * * *';

function logTo(lines: string[]): Log {
  const note = (message: string): void => void lines.push(message);
  return { debug: note, info: note, warn: note, error: (message) => lines.push(`error: ${message}`) };
}

async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setTimeout(resolve, 20));
}

describe('createSchedule', () => {
  it('knows what a schedule is', () => {
    expect(isSchedule('*/5 * * * *')).toBe(true);
    expect(isSchedule('61 * * * *')).toBe(false);
    expect(isSchedule('hourly')).toBe(false);
  });

  it('AD27 never runs a job twice at once, however slow it is', async () => {
    let running = 0;
    let most = 0;
    let release: () => void = () => undefined;
    const gate = new Promise<void>((resolve) => {
      release = resolve;
    });
    const job: Job = {
      name: 'slow',
      schedule: EVERY_SECOND,
      run: async () => {
        running += 1;
        most = Math.max(most, running);
        await gate;
        running -= 1;
      },
    };
    const schedule = createSchedule([job], logTo([]), Date.now);
    schedule.start();
    await until(() => running === 1);
    // By hand it joins the run that is under way.
    const joined = [schedule.run('slow'), schedule.run('slow')];
    await until(() => (schedule.status()[0]?.overlaps ?? 0) > 0);
    expect(schedule.status()[0]).toMatchObject({ name: 'slow', running: true });
    release();
    await Promise.all(joined);
    await schedule.stop();
    expect(most).toBe(1);
  });

  it('tells the log of a job that fails, tells whoever ran it by hand, and runs it again', async () => {
    const lines: string[] = [];
    let runs = 0;
    const job: Job = {
      name: 'fails',
      schedule: EVERY_SECOND,
      jitter: 5000,
      run: () => {
        runs += 1;
        return Promise.reject(new Error('no'));
      },
    };
    const schedule = createSchedule([job], logTo(lines), Date.now);
    await expect(schedule.run('fails')).rejects.toThrow('no');
    schedule.start();
    await until(() => runs >= 3);
    expect(schedule.status()[0]).toMatchObject({ problem: 'no' });
    expect(lines).toContain('error: job failed');
    await schedule.stop();
  });

  it('waits at the end for what is under way', async () => {
    let done = false;
    const job: Job = {
      name: 'last',
      schedule: '0 0 1 1 *',
      run: async () => {
        await new Promise((resolve) => setImmediate(resolve));
        done = true;
      },
    };
    const schedule = createSchedule([job], logTo([]), () => 42);
    const run = schedule.run('last');
    await schedule.stop();
    expect(done).toBe(true);
    await run;
    expect(schedule.status()[0]).toMatchObject({ lastSuccess: 42, running: false });
  });

  it('knows no other job', async () => {
    await expect(createSchedule([], logTo([]), Date.now).run('x')).rejects.toThrow(TypeError);
  });
});
