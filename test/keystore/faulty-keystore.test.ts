import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import type { Keystore, Merge } from '../../src/keystore/keystore.ts';
import { MemoryKeystore } from '../../src/keystore/memory.ts';
import type { Fault } from './faulty-keystore.ts';
import { FaultyKeystore } from './faulty-keystore.ts';
import { Clock, collect, fingerprint, record, text, word } from './sample.ts';

/** Adds parts to a certificate, as merging packets does: adding what is there changes nothing. */
function adding(n: number, part: string): Merge {
  return (held) => {
    const parts = [...new Set([...(text(held?.bytes)?.split('') ?? []), part])].toSorted();
    return record(fingerprint(n), parts.join(''), parts.map(word));
  };
}

async function stateOf(store: Keystore): Promise<unknown> {
  const changes = (await collect(store.changes(0))).map(({ sequence, digest, kind }) => ({
    sequence,
    digest,
    kind,
  }));
  const others = (await collect(store.items())).filter(
    ({ type }) => type === 'tombstone' || type === 'document',
  );
  return { records: await collect(store.records()), changes, others, status: await store.status() };
}

/** One write of any kind. Repeating it right after it was done changes nothing. */
interface Step {
  readonly kind: 'update' | 'remove' | 'unblock' | 'document';
  readonly n: number;
  readonly part: string;
}

async function write(store: Keystore, { kind, n, part }: Step, version: number): Promise<unknown> {
  const name = fingerprint(n);
  if (kind === 'update') return store.update(name, adding(n, part));
  if (kind === 'remove') return store.remove({ fingerprint: name, time: 1, by: 'owner', reason: part });
  if (kind === 'unblock') return store.unblock(name);
  return store.putDocument('part', `${n}`, part, version);
}

describe('writes that fail and are repeated', () => {
  it('end in the state of writes that never failed (property)', async () => {
    const step = fc.record({
      kind: fc.constantFrom<Step['kind'][]>('update', 'update', 'remove', 'unblock', 'document'),
      n: fc.nat(2),
      part: fc.constantFrom('a', 'b', 'c', 'd'),
      faults: fc.array(fc.constantFrom<Fault>('fails and does not persist', 'fails but persists'), {
        maxLength: 3,
      }),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 12 }), async (steps) => {
        const sound = new MemoryKeystore(new Clock());
        const faulty = new FaultyKeystore(new MemoryKeystore(new Clock()));
        for (const { faults, ...one } of steps) {
          const version = (await sound.document('part', `${one.n}`))?.version ?? 0;
          await write(sound, one, version);
          faulty.faults.push(...faults);
          for (const _ of faults) {
            const failing = write(faulty, one, version);
            await expect(failing).rejects.toMatchObject({ code: 'WRITE_FAILED' });
          }
          await write(faulty, one, version);
        }
        expect(await stateOf(faulty)).toEqual(await stateOf(sound));
      }),
    );
  });
});
