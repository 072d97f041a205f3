import { describe, expect, it } from 'vitest';
import { ClockGuard } from '../../../src/admission/keys/clock.ts';
import { memoryDb } from '../../../src/admission/memory-db.ts';
import type { StateDb } from '../../../src/admission/table.ts';
import { recordingLog } from '../../hkp/harness.ts';
import { makeCertificate } from '../../fixtures/test-key.ts';
import { hostWith, keystoreOf } from './host.ts';

const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;
const START = Date.UTC(2026, 0, 1);

interface TestClock {
  readonly guard: ClockGuard;
  readonly time: { wall: number; elapsed: number };
  readonly events: unknown[];
  readonly db: StateDb;
  /** Time goes by, for both clocks. */
  readonly pass: (milliseconds: number) => void;
}

async function clockAt(wall = START, db = memoryDb(), trust = false): Promise<TestClock> {
  const time = { wall, elapsed: 0 };
  const events: unknown[] = [];
  const guard = await ClockGuard.open({
    db,
    wall: () => time.wall,
    elapsed: () => time.elapsed,
    skew: 5 * MINUTE,
    onEvent: (event, fields) => void events.push([event, fields]),
    log: recordingLog([]),
    trust,
  });
  return {
    guard,
    time,
    events,
    db,
    pass: (milliseconds) => {
      time.wall += milliseconds;
      time.elapsed += milliseconds;
    },
  };
}

describe('AD17 the clock', () => {
  it('is followed as long as it goes forward', async () => {
    const { guard, time, pass, events } = await clockAt();
    pass(DAY);
    expect(guard.read()).toEqual({ now: START + DAY, suspect: false });
    time.wall += 30 * DAY;
    expect(guard.read()).toEqual({ now: START + 31 * DAY, suspect: false });
    expect(events).toEqual([]);
  });

  it('set back one day is suspect, and the time goes on from where it was', async () => {
    const { guard, time, pass, events } = await clockAt();
    time.wall -= DAY;
    expect(guard.read()).toEqual({ now: START, suspect: true });
    pass(MINUTE);
    expect(guard.read()).toEqual({ now: START + MINUTE, suspect: true });
    expect(events).toEqual([['clock_suspect', { suspect: true, behind_ms: DAY }]]);
  });

  it('is trusted again when it has caught up', async () => {
    const { guard, time, pass, events } = await clockAt();
    time.wall -= DAY;
    guard.read();
    time.wall += DAY;
    pass(MINUTE);
    expect(guard.read()).toEqual({ now: START + MINUTE, suspect: false });
    expect(events).toHaveLength(2);
    expect(events[1]).toEqual(['clock_suspect', { suspect: false, behind_ms: 0 }]);
  });

  it('never shows an earlier time than before, also within the tolerance', async () => {
    const { guard, time, pass } = await clockAt();
    for (let step = 0; step < 20; step += 1) {
      time.wall -= MINUTE;
      pass(MINUTE);
      guard.read();
    }
    // Twenty steps of a minute in twenty minutes: the wall clock stands still, the time does not.
    expect(guard.read()).toEqual({ now: START + 20 * MINUTE, suspect: true });
  });

  it('is compared with the time before a restart', async () => {
    const before = await clockAt();
    before.pass(2 * MINUTE);
    before.guard.read();
    await before.guard.save();
    const after = await clockAt(START - DAY, before.db);
    expect(after.guard.read()).toEqual({ now: START + 2 * MINUTE, suspect: true });
    const later = await clockAt(START + DAY, before.db);
    expect(later.guard.read()).toEqual({ now: START + DAY, suspect: false });
  });

  it('is believed again, also after a restart, when somebody says that it is right', async () => {
    const ahead = await clockAt(START + 3650 * DAY);
    const back = await clockAt(START, ahead.db);
    expect(back.guard.read().suspect).toBe(true);
    const trusted = await clockAt(START, ahead.db, true);
    expect(trusted.guard.read()).toEqual({ now: START, suspect: false });
    expect(trusted.events).toEqual([
      ['clock_trusted', { before: '2035-12-30T00:00:00.000Z', now: '2026-01-01T00:00:00.000Z' }],
    ]);
    const later = await clockAt(START + MINUTE, ahead.db);
    expect(later.guard.read()).toEqual({ now: START + MINUTE, suspect: false });
  });

  it('is noted now and then, without being told to', async () => {
    const { guard, pass, db } = await clockAt();
    pass(DAY);
    guard.read();
    expect(await db.table<number>('clock').get('highest')).toBe(START + DAY);
  });
});

it('AD17 an answer of a keystore from a time that never was is not taken for fresh', async () => {
  const key = makeCertificate(['Alice']);
  const keystores = [keystoreOf('k', new Map([[key.fingerprint, key.bytes]]))];
  const host = await hostWith({ keystores });
  await host.book.pin([key.fingerprint]);
  host.clock.now += 3650 * DAY;
  await host.book.refresh({ force: true });
  expect(host.book.entry(key.fingerprint)?.standing.lastAnswer).toBe(host.clock.now / 1000);
  // The clock was put right.
  host.clock.now -= 3649 * DAY;
  const right = await host.restart({ keystores: [] });
  expect(right.book.entry(key.fingerprint)).toBeUndefined();
  const again = await right.restart({ keystores });
  await again.book.pin([key.fingerprint]);
  const { standing } = again.book.entry(key.fingerprint) ?? {};
  expect(standing?.lastAnswer).toBeUndefined();
  expect(standing).toMatchObject({ asked: true, lastPresent: host.clock.now / 1000 });
  await again.book.refresh();
  expect(again.book.entry(key.fingerprint)?.standing.lastAnswer).toBe(host.clock.now / 1000);
});
