import { describe, expect, it } from 'vitest';
import { ChangeIndex } from '../../src/hkp/change-index.ts';
import { MAX_HISTORY, MAX_HISTORY_READS } from '../../src/hkp/limits.ts';
import type { Keystore } from '../../src/keystore/keystore.ts';
import { MemoryKeystore } from '../../src/keystore/memory.ts';

const DAY = 86_400_000;
const ALICE = 'A'.repeat(40);
/** Begins as the other one does. */
const ALIKE = `${'A'.repeat(39)}B`;
const BOB = 'B'.repeat(40);

function stage(): { keystore: Keystore; clock: { now: number }; index: ChangeIndex } {
  const clock = { now: 20_000 * DAY };
  const keystore = new MemoryKeystore({ now: () => clock.now });
  return { keystore, clock, index: new ChangeIndex(keystore) };
}

async function put(keystore: Keystore, fingerprint: string, content: number): Promise<void> {
  const bytes = new Uint8Array(new BigUint64Array([BigInt(content)]).buffer);
  await keystore.update(fingerprint, () => ({ fingerprint, bytes, terms: [] }));
}

describe('the index of changes', () => {
  it('gives the changes of one certificate, newest first, and none of one that begins alike', async () => {
    const { keystore, index } = stage();
    await put(keystore, ALICE, 1);
    await put(keystore, ALIKE, 1);
    await put(keystore, BOB, 1);
    await put(keystore, ALICE, 2);
    const { changes, cut } = await index.history(ALICE);
    expect(changes.map(({ sequence, kind }) => [sequence, kind])).toEqual([
      [4, 'updated'],
      [1, 'inserted'],
    ]);
    expect(cut).toBe(false);
  });

  it('goes on where it was', async () => {
    const { keystore, index } = stage();
    expect((await index.history(ALICE)).changes).toEqual([]);
    for (let i = 0; i < 3; i += 1) {
      await put(keystore, ALICE, i);
      expect((await index.history(ALICE)).changes).toHaveLength(i + 1);
    }
  });

  it('is asked by many at once', async () => {
    const { keystore, index } = stage();
    for (let i = 0; i < 2000; i += 1) await put(keystore, i % 2 === 0 ? ALICE : BOB, i);
    const all = await Promise.all([ALICE, BOB, ALICE].map((one) => index.history(one)));
    for (const { changes, cut } of all) expect([changes.length, cut]).toEqual([MAX_HISTORY, true]);
    expect(all[0]?.changes[0]?.sequence).toBe(1999);
  });

  it('reads a bounded number of changes when others begin alike', async () => {
    const { keystore, index } = stage();
    await put(keystore, ALICE, 1);
    for (let i = 0; i < MAX_HISTORY_READS; i += 1) await put(keystore, ALIKE, i);
    expect(await index.history(ALICE)).toEqual({ changes: [], cut: true });
  });

  it('counts what is held at the end of each day with a change', async () => {
    const { keystore, clock, index } = stage();
    await put(keystore, ALICE, 1);
    await put(keystore, BOB, 1);
    await put(keystore, BOB, 2);
    clock.now += 3 * DAY;
    await keystore.remove({ fingerprint: BOB, time: clock.now, by: 'operator', reason: '' });
    await keystore.remove({ fingerprint: 'C'.repeat(40), time: clock.now, by: 'operator', reason: '' });
    clock.now += DAY;
    await keystore.unblock(BOB);
    await put(keystore, BOB, 3);
    expect(await index.days()).toEqual([
      { day: 20_000, certificates: 2 },
      { day: 20_003, certificates: 1 },
      { day: 20_004, certificates: 2 },
    ]);
  });
});
