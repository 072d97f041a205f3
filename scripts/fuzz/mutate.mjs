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

/** Copies of one part that are put behind each other: enough for limits on small counts, not on large ones. */
const MOST_COPIES = 80;
const MOST_CHANGES = 6;

/**
 * @param {Random} random
 * @param {Form} form
 */
export function createMutator(random, form) {
  const at = (/** @type {number} */ length) => random.between(0, Math.max(0, length - 1));

  /** @param {Uint8Array} octets */
  const part = (octets) => {
    const start = at(octets.length);
    return octets.subarray(start, start + random.between(1, random.chance(0.5) ? 8 : octets.length));
  };
  /**
   * @param {Uint8Array} octets
   * @param {number} start
   * @param {number} removed
   * @param {Uint8Array} added
   */
  const splice = (octets, start, removed, added) =>
    Buffer.concat([octets.subarray(0, start), added, octets.subarray(start + removed)]);

  /** @type {((octets: Uint8Array, other: Uint8Array) => Uint8Array)[]} */
  const changes = [
    (octets) => {
      const copy = Buffer.from(octets);
      const place = at(copy.length);
      copy[place] = (copy[place] ?? 0) ^ (1 << random.between(0, 7));
      return copy;
    },
    (octets) => splice(octets, at(octets.length), 1, Buffer.of(random.between(0, 255))),
    (octets) => splice(octets, at(octets.length), part(octets).length, Buffer.of()),
    (octets) => octets.subarray(0, at(octets.length)),
    (octets) => splice(octets, at(octets.length), 0, part(octets)),
    (octets, other) => splice(octets, at(octets.length), random.between(0, 16), part(other)),
    (octets) => {
      const copies = Buffer.concat(Array(random.between(2, MOST_COPIES)).fill(part(octets).subarray(0, 256)));
      return splice(octets, at(octets.length), 0, copies);
    },
    (octets) => splice(octets, at(octets.length), random.chance(0.5) ? 4 : 0, number()),
    (octets) => {
      const word = form.words[at(form.words.length)] ?? Buffer.of(0);
      return splice(octets, at(octets.length), random.chance(0.5) ? word.length : 0, word);
    },
    (octets, other) => Buffer.concat(rearranged(form.pieces(octets), form.pieces(other))),
    (octets, other) => Buffer.concat(rearranged(form.pieces(octets), form.pieces(other))),
  ];

  function number() {
    const value = NUMBERS[at(NUMBERS.length)] ?? 0;
    const size = [1, 2, 4, 8][random.between(0, 3)] ?? 4;
    const octets = Buffer.alloc(8);
    octets.writeBigUInt64BE(BigInt(value));
    const big = octets.subarray(8 - size);
    return random.chance(0.5) ? big : Buffer.from(big).reverse();
  }

  /**
   * @param {readonly Uint8Array[]} own
   * @param {readonly Uint8Array[]} others
   */
  function rearranged(own, others) {
    const pieces = [...own];
    const [from, to] = [at(pieces.length), at(pieces.length)];
    const choice = random.between(0, 3);
    if (choice === 0) pieces.splice(from, 1);
    else if (choice === 1) pieces.splice(to, 0, ...pieces.splice(from, 1));
    else if (choice === 2) pieces.splice(to, 0, pieces[from] ?? Buffer.of());
    else pieces.splice(to, 0, others[at(others.length)] ?? Buffer.of());
    return pieces;
  }

  /**
   * @param {Uint8Array} octets
   * @param {Uint8Array} other an input to take parts from
   */
  return (octets, other) => {
    let changed = octets;
    for (let left = random.between(1, MOST_CHANGES); left > 0; left -= 1) {
      changed = changes[at(changes.length)]?.(changed, other) ?? changed;
    }
    return changed.subarray(0, form.most);
  };
}
