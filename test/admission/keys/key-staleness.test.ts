import { beforeEach, describe, expect, it } from 'vitest';
import { StalenessWatch, staleKeys } from '../../../src/admission/keys/key-staleness.ts';
import type { KeyStatus } from '../../../src/admission/keys/managed-key-book.ts';
import type { Policy } from '../../../src/policy/policy.ts';
import { policyOf } from '../deciding.ts';

const ALICE = 'A'.repeat(40);
const BOB = 'B'.repeat(40);
const HOUR = 3600;
const NOW = 1_800_000_000;

/** Two rules want Alice, one of them Bob as well. */
function policyWith(alice = '', lax = ''): Policy {
  return policyOf(`version = 1
serial = 1
[[signer]]
name = "alice"
keys = ["${ALICE}"]
${alice}
[[signer]]
name = "bob"
keys = ["${BOB}"]
[[set]]
name = "both"
members = ["alice", "bob"]
[[rule]]
name = "lax"
scope = "/lax"
require = { set = "both", threshold = 1 }
max_staleness = "100h"
${lax}
[[rule]]
name = "tight"
scope = "/tight"
require = { set = "alice", threshold = 1 }
max_staleness = "10h"
`);
}

function status(fingerprint: string, lastAnswer: number | undefined, asked = true): KeyStatus {
  const heard = lastAnswer === undefined ? {} : { lastAnswer };
  return {
    fingerprint,
    pinned: true,
    local: true,
    remote: true,
    state: 'good',
    standing: { asked, ...heard, vanished: false, rollback: false, conflict: false },
  };
}

describe('staleKeys', () => {
  it.each([
    [5 * HOUR - 1, undefined],
    [5 * HOUR, 50],
    [8 * HOUR - 1, 50],
    [8 * HOUR, 80],
    [10 * HOUR - 1, 80],
    [10 * HOUR, 100],
  ])('after %i seconds of the 36000 that the tightest rule allows says %s', (age, percent) => {
    const [found] = staleKeys(policyWith(), [status(ALICE, NOW - age)], NOW);
    expect(found?.percent).toBe(percent);
  });

  it('takes each key by the rules that need it', () => {
    const keys = [status(ALICE, NOW - 60 * HOUR), status(BOB, NOW - 60 * HOUR)];
    expect(staleKeys(policyWith(), keys, NOW)).toEqual([
      { fingerprint: ALICE, signers: ['alice'], age: 60 * HOUR, allowed: 10 * HOUR, percent: 100 },
      { fingerprint: BOB, signers: ['bob'], age: 60 * HOUR, allowed: 100 * HOUR, percent: 50 },
    ]);
  });

  it('takes a key about which nobody ever answered for stale', () => {
    expect(staleKeys(policyWith(), [status(BOB, undefined)], NOW)).toEqual([
      { fingerprint: BOB, signers: ['bob'], allowed: 100 * HOUR, percent: 100 },
    ]);
  });

  it('passes over keys that no keystore is asked about, that no rule needs, or needs fresh', () => {
    const old = NOW - 1000 * HOUR;
    expect(staleKeys(policyWith(), [status(ALICE, undefined, false)], NOW)).toEqual([]);
    expect(staleKeys(policyWith(), [status('C'.repeat(40), old)], NOW)).toEqual([]);
    expect(staleKeys(policyWith('sources = ["local"]'), [status(ALICE, old)], NOW)).toEqual([]);
    expect(staleKeys(policyWith('', 'mode = "off"'), [status(BOB, old)], NOW)).toEqual([]);
    expect(staleKeys(policyWith('', 'checks = { freshness = "skip" }'), [status(BOB, old)], NOW)).toEqual([]);
  });
});

describe('StalenessWatch', () => {
  let now: number;
  let policy: Policy | undefined;
  let heard: number;
  let told: unknown[];
  let watch: StalenessWatch;

  beforeEach(() => {
    now = NOW;
    heard = NOW;
    policy = policyWith();
    told = [];
    watch = new StalenessWatch({
      policy: () => policy,
      keys: () => [status(ALICE, heard)],
      now: () => now,
      event: (event, { percent }) => {
        told.push([event, percent]);
        return Promise.resolve();
      },
    });
  });

  async function after(hours: number): Promise<unknown[]> {
    now += hours * HOUR;
    told = [];
    await watch.run();
    return told;
  }

  it('AD13 tells at half of the time that is allowed, at four fifths, and when it is over, each once', async () => {
    expect(await after(4)).toEqual([]);
    expect(await after(1)).toEqual([['keys_stale', 50]]);
    expect(await after(1)).toEqual([]);
    expect(await after(2)).toEqual([['keys_stale', 80]]);
    expect(await after(2)).toEqual([['keys_stale', 100]]);
    expect(await after(100)).toEqual([]);
  });

  it('tells again after a keystore answered', async () => {
    expect(await after(20)).toEqual([['keys_stale', 100]]);
    heard = now;
    expect(await after(0)).toEqual([]);
    expect(await after(5)).toEqual([['keys_stale', 50]]);
  });

  it('says nothing while there is no policy', async () => {
    policy = undefined;
    expect(await after(20)).toEqual([]);
    expect(watch.current()).toEqual([]);
  });
});
