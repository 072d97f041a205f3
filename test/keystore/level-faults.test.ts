/* Writes that fail on a real store: before LevelDB has them, or after it has them and before anybody is told. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { checkLevelKeystore } from '../../src/keystore/check.ts';
import { KeystoreError } from '../../src/keystore/error.ts';
import type { Keystore, Merge } from '../../src/keystore/keystore.ts';
import { openLevelRows } from '../../src/keystore/level.ts';
import { openRowKeystore } from '../../src/keystore/row-keystore.ts';
import type { Fault } from './faulty-keystore.ts';
import { InstrumentedRows } from './instrumented-rows.ts';
import { Clock, collect, fingerprint, record, text, word } from './sample.ts';
import { temporaryFolder } from './temporary-folder.ts';

const clock = new Clock();

interface Step {
  readonly kind: 'update' | 'remove' | 'unblock' | 'document';
  readonly n: number;
  readonly part: string;
  readonly fault: Fault | undefined;
}

function adding(n: number, part: string): Merge {
  return (held) => {
    const parts = [...new Set([...(text(held?.bytes)?.split('') ?? []), part])].toSorted();
    return record(fingerprint(n), parts.join(''), parts.map(word));
  };
}

async function write(store: Keystore, { kind, n, part }: Step): Promise<unknown> {
  const name = fingerprint(n);
  if (kind === 'update') return store.update(name, adding(n, part));
  if (kind === 'remove') return store.remove({ fingerprint: name, time: 1, by: 'owner', reason: part });
  if (kind === 'unblock') return store.unblock(name);
  const version = (await store.document('part', `${n}`))?.version ?? 0;
  return store.putDocument('part', `${n}`, part, version);
}

/** A store on LevelDB, and what makes its next write fail. */
async function opened(folder: string): Promise<{ store: Keystore; fail: (fault: Fault) => void }> {
  const rows = new InstrumentedRows(await openLevelRows(folder, { create: true }));
  const failing = (): Promise<void> => Promise.reject(new KeystoreError('WRITE_FAILED', 'EIO'));
  const fail = (fault: Fault): void => {
    if (fault === 'fails but persists') rows.afterWrite = failing;
    else rows.beforeWrite = failing;
  };
  return { store: await openRowKeystore(rows, folder, clock.now), fail };
}

/** What a client can tell; the version of a document tells how often it was written. */
async function stateOf(store: Keystore): Promise<unknown> {
  const documents = (await collect(store.documents('part'))).map(({ id, value }) => [id, value]);
  const changes = (await collect(store.changes(0))).map(({ sequence, kind, digest }) => [
    sequence,
    kind,
    digest,
  ]);
  const tombstones = await collect(store.allTombstones());
  return {
    records: await collect(store.records()),
    documents,
    changes,
    tombstones,
    status: await store.status(),
  };
}

/** An update that changes nothing writes nothing, and does not fail; a write that failed closes the store to others. */
async function refusedOrIdle(store: Keystore, step: Step): Promise<void> {
  const [written] = await Promise.allSettled([write(store, step)]);
  const [ready] = await Promise.allSettled([store.ready()]);
  const failure = { status: 'rejected', reason: { code: 'WRITE_FAILED' } };
  const expected = written.status === 'fulfilled' ? { status: 'fulfilled' } : failure;
  expect([written, ready]).toMatchObject([expected, expected]);
}

async function runAll(folder: string, steps: readonly Step[], faulty: boolean): Promise<unknown> {
  let { store, fail } = await opened(folder);
  for (const step of steps) {
    if (faulty && step.fault !== undefined) {
      fail(step.fault);
      await refusedOrIdle(store, step);
      await store.close();
      ({ store, fail } = await opened(folder));
    }
    await write(store, step);
  }
  const state = await stateOf(store);
  await store.close();
  return state;
}

describe('writes to LevelDB that fail, and are repeated once the store is opened again', () => {
  it('end in the state of writes that never failed, which the check finds sound (property)', async () => {
    const step = fc.record({
      kind: fc.constantFrom<Step['kind'][]>('update', 'update', 'remove', 'unblock', 'document'),
      n: fc.nat(2),
      part: fc.constantFrom('a', 'b', 'c', 'd'),
      fault: fc.constantFrom<(Fault | undefined)[]>(
        undefined,
        'fails and does not persist',
        'fails but persists',
      ),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 8 }), async (steps) => {
        const [sound, faulty] = [await temporaryFolder(), await temporaryFolder()];
        try {
          const expected = await runAll(sound.folder, steps, false);
          expect(await runAll(faulty.folder, steps, true)).toEqual(expected);
          const terms = (bytes: Uint8Array) => (text(bytes) ?? '').split('').map(word);
          const report = await checkLevelKeystore(faulty.folder, { now: clock.now, terms });
          expect(report.findings).toEqual([]);
        } finally {
          await Promise.all([sound.remove(), faulty.remove()]);
        }
      }),
      { numRuns: 25 },
    );
  });
});
