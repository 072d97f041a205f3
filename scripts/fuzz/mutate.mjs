/* Changes to octets that parsers get wrong: flipped, cut, doubled and swapped parts, lengths that lie, known words. */

/** @typedef {import('../crash/random.mjs').Random} Random */

/**
 * @typedef {{
 *   words: readonly Uint8Array[],
 *   pieces: (octets: Uint8Array) => readonly Uint8Array[],
 *   most: number,
 * }} Form
 *   `words` are worth inserting; `pieces` is an input cut where its format has joints; `most`: octets of an input.
 */

/** Lengths and counts at the borders of what fields hold. */
const NUMBERS = [0, 1, 0x7f, 0x80, 0xff, 0x100, 0x7fff, 0x8000, 0xffff, 0x7fffffff, 0x80000000, 0xffffffff];
const NUMBER_SIZES = [1, 2, 4, 8];

/** Copies of one part that are put behind each other: enough for limits on small counts, not on large ones. */
const MOST_COPIES = 80;
const MOST_CHANGES = 6;

export class Mutator {
  #random;
  #form;
  /** @type {readonly ((octets: Uint8Array, place: number, other: Uint8Array) => Uint8Array)[]} */
  #changes = [
    (octets, place) => splice(octets, place, 1, Buffer.of((octets[place] ?? 0) ^ (1 << this.#below(8)))),
    (octets, place) => splice(octets, place, 1, Buffer.of(this.#below(256))),
    (octets, place) => splice(octets, place, this.#part(octets).length, Buffer.of()),
    (octets, place) => octets.subarray(0, place),
    (octets, place) => splice(octets, place, 0, this.#part(octets)),
    (octets, place, other) => splice(octets, place, this.#below(17), this.#part(other)),
    (octets, place) => splice(octets, place, 0, this.#copies(octets)),
    (octets, place) => splice(octets, place, this.#random.chance(0.5) ? 4 : 0, this.#number()),
    (octets, place) => splice(octets, place, this.#random.chance(0.5) ? 8 : 0, this.#one(this.#form.words)),
    (octets, _, other) => this.#rearranged(this.#form.pieces(octets), this.#form.pieces(other)),
  ];

  /**
   * @param {Random} random
   * @param {Form} form
   */
  constructor(random, form) {
    this.#random = random;
    this.#form = form;
  }

  /**
   * @param {Uint8Array} octets
   * @param {Uint8Array} other an input to take parts from
   */
  mutate(octets, other) {
    let changed = octets;
    for (let left = this.#random.between(1, MOST_CHANGES); left > 0; left -= 1) {
      changed = this.#change(changed, other);
    }
    return changed.subarray(0, this.#form.most);
  }

  /**
   * @param {Uint8Array} octets
   * @param {Uint8Array} other
   */
  #change(octets, other) {
    const place = this.#below(octets.length);
    const change = this.#changes[this.#below(this.#changes.length)];
    return change?.(octets, place, other) ?? octets;
  }

  /** @param {number} length */
  #below(length) {
    return this.#random.between(0, Math.max(0, length - 1));
  }

  /** @param {readonly Uint8Array[]} all */
  #one(all) {
    return all[this.#below(all.length)] ?? Buffer.of();
  }

  /** @param {Uint8Array} octets */
  #part(octets) {
    const start = this.#below(octets.length);
    return octets.subarray(
      start,
      start + this.#random.between(1, this.#random.chance(0.5) ? 8 : octets.length),
    );
  }

  /** @param {Uint8Array} octets */
  #copies(octets) {
    const part = this.#part(octets).subarray(0, 256);
    return Buffer.concat(Array.from({ length: this.#random.between(2, MOST_COPIES) }, () => part));
  }

  #number() {
    const octets = Buffer.alloc(8);
    octets.writeBigUInt64BE(BigInt(NUMBERS[this.#below(NUMBERS.length)] ?? 0));
    const big = octets.subarray(8 - (NUMBER_SIZES[this.#below(NUMBER_SIZES.length)] ?? 4));
    return this.#random.chance(0.5) ? big : big.toReversed();
  }

  /**
   * One piece left out, moved, doubled or taken from the other.
   *
   * @param {readonly Uint8Array[]} own
   * @param {readonly Uint8Array[]} others
   */
  #rearranged(own, others) {
    const pieces = [...own];
    const [from, to] = [this.#below(pieces.length), this.#below(pieces.length)];
    switch (this.#random.between(0, 3)) {
      case 0:
        pieces.splice(from, 1);
        break;
      case 1:
        pieces.splice(to, 0, ...pieces.splice(from, 1));
        break;
      case 2:
        pieces.splice(to, 0, this.#one(pieces));
        break;
      default:
        pieces.splice(to, 0, this.#one(others));
    }
    return Buffer.concat(pieces);
  }
}

/**
 * @param {Uint8Array} octets
 * @param {number} start
 * @param {number} removed
 * @param {Uint8Array} added
 */
function splice(octets, start, removed, added) {
  return Buffer.concat([octets.subarray(0, start), added, octets.subarray(start + removed)]);
}
