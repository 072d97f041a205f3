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
  return { records: await collect(store.records()), changes, status: await store.status() };
}

describe('updates that fail and are repeated', () => {
  it('end in the state of updates that never failed (property)', async () => {
    const step = fc.record({
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
        for (const { n, part, faults } of steps) {
          await sound.update(fingerprint(n), adding(n, part));
          faulty.faults.push(...faults);
          for (const _ of faults) {
            const failing = faulty.update(fingerprint(n), adding(n, part));
            await expect(failing).rejects.toMatchObject({ code: 'WRITE_FAILED' });
          }
          await faulty.update(fingerprint(n), adding(n, part));
        }
        expect(await stateOf(faulty)).toEqual(await stateOf(sound));
      }),
    );
  });
});
