import { beforeEach, describe, expect, it } from 'vitest';
import type { Keystore } from '../../src/keystore/keystore.ts';
import { MemoryKeystore } from '../../src/keystore/memory.ts';
import { JobBook } from '../../src/server/job-book.ts';
import { JobLeases } from '../../src/server/job-leases.ts';
import { recordingLog } from '../hkp/harness.ts';
import type { LogLine } from '../hkp/harness.ts';

/** Long enough for any machine; what is waited for in these tests comes before. */
const EVER = 3_600_000;
const TURN = Date.parse('2026-11-22T03:17:00Z');

let keystore: Keystore;
let lines: LogLine[];
let stopping: AbortController;
let clock: number;
let runs: string[];

beforeEach(() => {
  clock = TURN;
  keystore = new MemoryKeystore({ now: () => clock });
  lines = [];
  stopping = new AbortController();
  runs = [];
});

/** A process on the store; its work notes its name, and waits for `opened`. */
function node(name: string, opened: Promise<void> = Promise.resolve(), patience = EVER): JobBook {
  const log = recordingLog(lines);
  const times = { beat: 2, look: 2, patience };
  const leases = new JobLeases({ keystore, log, times, stopping: stopping.signal });
  const run = async (): Promise<string> => {
    runs.push(name);
    await opened;
    return `done by ${name}`;
  };
  return new JobBook({ keystore, log, now: () => clock, leases }, [{ name: 'backup', run }]);
}

function gate(): { readonly opened: Promise<void>; readonly open: () => void } {
  let open = (): void => undefined;
  const opened = new Promise<void>((resolve) => (open = resolve));
  return { opened, open };
}

async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setTimeout(resolve, 1));
}

describe('a job that several processes have a schedule for', () => {
  it('runs once a turn, whoever comes first and however much later the others come', async () => {
    const [a, b, c] = [node('a'), node('b'), node('c')];
    const outcomes = await Promise.all([a.run('backup', TURN), b.run('backup', TURN)]);
    expect(runs).toHaveLength(1);
    clock += 60_000;
    expect((await c.run('backup', TURN)).words).toBe(outcomes[0]?.words);
    expect(outcomes[1]?.words).toBe(outcomes[0]?.words);
    expect(runs).toHaveLength(1);
    await c.run('backup', TURN + 86_400_000);
    expect(runs).toHaveLength(2);
  });

  it('is waited for by whoever asks for it by hand meanwhile, and run again for whoever asks later', async () => {
    const { opened, open } = gate();
    const running = node('a', opened).run('backup');
    await until(() => runs.length === 1);
    const other = node('b');
    expect(await other.isRunning('backup')).toBe(true);
    const joined = other.run('backup');
    open();
    expect((await joined).words).toBe('done by a');
    await running;
    expect(await other.isRunning('backup')).toBe(false);
    expect((await other.run('backup')).words).toBe('done by b');
  });

  it('is not taken from one that shows that it lives, however long it runs', async () => {
    const { opened, open } = gate();
    const running = node('a', opened).run('backup', TURN);
    await until(() => runs.length === 1);
    const lease = async (): Promise<number> => (await keystore.document('job-lease', 'backup'))?.version ?? 0;
    const waiting = node('b').run('backup', TURN);
    const before = await lease();
    while ((await lease()) < before + 5) await new Promise((resolve) => setTimeout(resolve, 1));
    open();
    expect((await Promise.all([running, waiting])).map(({ words }) => words)).toEqual([
      'done by a',
      'done by a',
    ]);
    expect(runs).toEqual(['a']);
  });

  it('is taken over when whoever ran it is gone, by one of those who wait', async () => {
    // What a process leaves behind that is killed.
    await keystore.putDocument('job-lease', 'backup', { holder: 'a' }, 0);
    const outcomes = await Promise.all([
      node('b', undefined, 20).run('backup', TURN),
      node('c', undefined, 20).run('backup', TURN),
    ]);
    expect(runs).toHaveLength(1);
    expect(new Set(outcomes.map(({ words }) => words)).size).toBe(1);
    expect(lines.filter(({ message }) => message.startsWith('a job was abandoned'))).toHaveLength(1);
    expect(await keystore.document('job-lease', 'backup')).toBeUndefined();
  });

  it('keeps no server from stopping that waits for another to run it', async () => {
    await keystore.putDocument('job-lease', 'backup', { holder: 'a' }, 0);
    const waiting = node('b').run('backup', TURN);
    stopping.abort();
    expect(await waiting).toMatchObject({ ok: false });
    expect(runs).toEqual([]);
  });
});
