/* What was decided last about each image at each place: what is looked at again when policy or keys change. */
import { Buffer } from 'node:buffer';
import type { Draft } from '../policy/draft.ts';
import type { Binding } from '../policy/policy.ts';
import type { Verdict } from '../policy/verdict.ts';
import type { Decision, ImageDecision } from './decision.ts';
import { LatelyUsed } from './lately-used.ts';

export interface RecentDecision {
  readonly path: Uint8Array;
  readonly sha256: string;
  readonly binding: Binding;
  readonly rule?: string;
  readonly verdict: Verdict;
  readonly effective: 'admit' | 'refuse';
  /** ISO 8601. */
  readonly time: string;
}

/** Images and places that are remembered; the ones decided on longest ago are forgotten. */
export const MAX_RECENT = 4_000;

export class RecentDecisions {
  readonly #byPlace = new LatelyUsed<RecentDecision>();

  /** Takes note of every image of a decision whose bytes are known. */
  note(decision: Pick<Decision, 'time' | 'images'>): void {
    for (const image of decision.images) {
      if (image.sha256 !== undefined) this.#put(image, image.sha256, decision.time);
    }
  }

  /** The oldest first. */
  entries(): readonly RecentDecision[] {
    return [...this.#byPlace.values()];
  }

  #put(image: ImageDecision, sha256: string, time: string): void {
    const place = `${sha256} ${image.path_b64 ?? image.path}`;
    const path = this.#byPlace.peek(place)?.path ?? pathOf(image);
    const { binding, rule, verdict, effective } = image;
    const decided: Draft<RecentDecision> = { path, sha256, binding, verdict, effective, time };
    if (rule !== undefined) decided.rule = rule;
    this.#byPlace.set(place, decided);
    const { oldest, size } = this.#byPlace;
    if (size > MAX_RECENT && oldest !== undefined) this.#byPlace.delete(oldest);
  }
}

function pathOf({ path, path_b64: octets }: ImageDecision): Uint8Array {
  return octets === undefined ? Buffer.from(path) : Buffer.from(octets, 'base64');
}
