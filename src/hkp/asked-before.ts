import { ASKED_BEFORE_SLOTS } from './limits.ts';

/** Primes of FNV-1a (draft-eastlake-fnv §5), of 32 bits. */
const OFFSET = 0x811c9dc5;
const PRIME = 0x01000193;

/**
 * What was asked for a short while ago: about as many questions as it has slots. It may take one for another, and
 * forget one early: whoever counts on it can only be slower for that.
 */
export class AskedBefore {
  readonly #slots: Uint32Array;

  constructor(slots: number = ASKED_BEFORE_SLOTS) {
    this.#slots = new Uint32Array(slots);
  }

  /** Whether it was asked for; it was from now on. */
  before(question: string): boolean {
    const hash = hashOf(question);
    const slot = hash % this.#slots.length;
    if (this.#slots[slot] === hash) return true;
    this.#slots[slot] = hash;
    return false;
  }
}

function hashOf(text: string): number {
  let hash = OFFSET;
  for (let at = 0; at < text.length; at += 1) hash = Math.imul(hash ^ text.charCodeAt(at), PRIME);
  return hash >>> 0;
}
