/* What is true of every store whose writes fail: whoever repeats them gets where he would have got without. */
import fc from 'fast-check';
import { expect, it } from 'vitest';

import type { Keystore, Merge } from '../../src/keystore/keystore.ts';
import { MemoryKeystore } from '../../src/keystore/memory.ts';
import { Clock, collect, fingerprint, record, text, word } from './sample.ts';

/** Where a write fails: before anything is stored, or after all of it is and before anybody is told. */
export type Fault = 'fails and does not persist' | 'fails but persists';

export const FAULTS: readonly Fault[] = ['fails and does not persist', 'fails but persists'];

export type Write = (store: Keystore) => Promise<unknown>;

/** A store that fails when it is told to, empty at first. */
export interface FaultyStore<T> {
  /** Takes writes; after a fault it may be another one, on the same files. */
  readonly store: () => Keystore;
  /** Does a write that fails as told, unless it had nothing to write. */
  readonly fail: (fault: T, write: Write) => Promise<void>;
  /** What a check of the whole store finds; the store is closed then. */
  readonly findings: () => Promise<readonly unknown[]>;
  readonly remove: () => Promise<void>;
}

/** One write of any kind, and how it fails before it succeeds. Repeating it right after it was done changes nothing. */
interface Step<T> {
  readonly kind: 'update' | 'remove' | 'unblock' | 'document';
  readonly n: number;
  readonly part: string;
  readonly faults: readonly T[];
}

/** The terms of the certificates that the steps store, for a check. */
export function termsOf(bytes: Uint8Array): ReturnType<typeof word>[] {
  return (text(bytes) ?? '').split('').map(word);
}

/** Keeps to the contract of `Keystore.update` after `WRITE_FAILED` and `UNAVAILABLE`. */
export function faultsContract<T>(
  faults: readonly T[],
  open: (now: () => number) => Promise<FaultyStore<T>>,
  parameters: fc.Parameters<[Step<T>[]]> = {},
): void {
  it('ends in the state of a store that never failed, which the check finds sound (property)', async () => {
    const step: fc.Arbitrary<Step<T>> = fc.record({
      kind: fc.constantFrom<Step<T>['kind'][]>('update', 'update', 'remove', 'unblock', 'document'),
      n: fc.nat(2),
      part: fc.constantFrom('a', 'b', 'c', 'd'),
      faults: fc.array(fc.constantFrom(...faults), { maxLength: 2 }),
    });
    const steps = fc.array(step, { minLength: 1, maxLength: 10 });
    await fc.assert(
      fc.asyncProperty(steps, async (all) => {
        const sound = new MemoryKeystore(new Clock());
        const faulty = await open(new Clock().now);
        try {
          for (const one of all) {
            const version = (await sound.document('part', `${one.n}`))?.version ?? 0;
            const write: Write = (store) => written(store, one, version);
            await write(sound);
            for (const fault of one.faults) await faulty.fail(fault, write);
            await write(faulty.store());
          }
          expect(await stateOf(faulty.store())).toEqual(await stateOf(sound));
          expect(await faulty.findings()).toEqual([]);
        } finally {
          await faulty.remove();
        }
      }),
      parameters,
    );
  });
}

/** Adds parts to a certificate, as merging packets does: adding what is there changes nothing. */
function adding(n: number, part: string): Merge {
  return (held) => {
    const parts = [...new Set([...(text(held?.bytes)?.split('') ?? []), part])].toSorted();
    return record(fingerprint(n), parts.join(''), parts.map(word));
  };
}

async function written<T>(store: Keystore, { kind, n, part }: Step<T>, version: number): Promise<unknown> {
  const name = fingerprint(n);
  if (kind === 'update') return store.update(name, adding(n, part));
  if (kind === 'remove') return store.remove({ fingerprint: name, time: 1, by: 'owner', reason: part });
  if (kind === 'unblock') return store.unblock(name);
  return store.putDocument('part', `${n}`, part, version);
}

async function stateOf(store: Keystore): Promise<unknown> {
  return { items: await collect(store.items()), status: await store.status() };
}
