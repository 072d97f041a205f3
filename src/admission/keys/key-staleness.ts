/* How near keys are to being too old to decide with: told before anything is refused for it. */
import type { Policy, PolicySigner } from '../../policy/policy.ts';
import type { LogEvent } from '../log/record.ts';
import type { KeyStatus } from './managed-key-book.ts';

/** A key of the policy of which nothing was heard for a good part of the time that is allowed. Seconds. */
export interface StaleKey {
  readonly fingerprint: string;
  /** Names of the signers whose key it is. */
  readonly signers: readonly string[];
  /** Since the last answer of a keystore; undefined: there never was one. */
  readonly age?: number;
  /** The smallest `max_staleness` of the rules that need it. */
  readonly allowed: number;
  /** How much of that has passed. At 100 images are not admitted for this key any more. */
  readonly percent: StalePercent;
}

export type StalePercent = 50 | 80 | 100;

/** From the worst on. */
const STEPS: readonly StalePercent[] = [100, 80, 50];

/** The keys for which a step is reached, as of `now`, seconds since 1970; in the order of `keys`. */
export function staleKeys(policy: Policy, keys: readonly KeyStatus[], now: number): readonly StaleKey[] {
  const needs = needsOf(policy);
  return keys.flatMap(({ fingerprint, standing }) => {
    const need = needs.get(fingerprint);
    if (need === undefined || !standing.asked) return [];
    const age = standing.lastAnswer === undefined ? undefined : Math.max(0, now - standing.lastAnswer);
    const part = age === undefined ? Infinity : (age / need.allowed) * 100;
    const percent = STEPS.find((step) => part >= step);
    if (percent === undefined) return [];
    return [{ fingerprint, ...need, ...(age !== undefined && { age }), percent }];
  });
}

interface Need {
  readonly signers: readonly string[];
  readonly allowed: number;
}

/** By fingerprint; keys that no rule wants fresh are not there. */
function needsOf({ rules, signers }: Policy): ReadonlyMap<string, Need> {
  const needs = new Map<string, Need>();
  for (const { mode, actions, requirement, maxStaleness } of rules) {
    if (mode === 'off' || actions.freshness === 'skip') continue;
    for (const member of requirement.members) {
      const signer = signers.get(member);
      if (signer === undefined || !wantsNews(signer)) continue;
      for (const fingerprint of signer.keys) {
        const before = needs.get(fingerprint) ?? { signers: [], allowed: Infinity };
        needs.set(fingerprint, {
          signers: [...new Set([...before.signers, member])],
          allowed: Math.min(before.allowed, maxStaleness),
        });
      }
    }
  }
  return needs;
}

/** Where a key is from files of this host alone, the silence of a keystore decides nothing. */
function wantsNews({ origins, requirePresent }: PolicySigner): boolean {
  return requirePresent || origins.includes('keystore');
}

export interface StalenessParts {
  readonly policy: () => Policy | undefined;
  /** As of now. */
  readonly keys: () => readonly KeyStatus[];
  /** Seconds since 1970. */
  readonly now: () => number;
  readonly event: (event: LogEvent, fields: Readonly<Record<string, unknown>>) => Promise<void>;
}

/** Tells of each key that reaches a step, once; again when it was fresh in between. */
export class StalenessWatch {
  readonly #parts: StalenessParts;
  #told = new Map<string, StalePercent>();

  constructor(parts: StalenessParts) {
    this.#parts = parts;
  }

  current(): readonly StaleKey[] {
    const { keys, now, policy } = this.#parts;
    const inForce = policy();
    return inForce === undefined ? [] : staleKeys(inForce, keys(), now());
  }

  async run(): Promise<void> {
    const stale = this.current();
    const before = this.#told;
    this.#told = new Map(stale.map(({ fingerprint, percent }) => [fingerprint, percent]));
    for (const { fingerprint, signers, age, allowed, percent } of stale) {
      if (percent <= (before.get(fingerprint) ?? 0)) continue;
      await this.#parts.event('keys_stale', {
        fingerprint,
        signers,
        percent,
        ...(age !== undefined && { age_s: age }),
        max_staleness_s: allowed,
      });
    }
  }
}
