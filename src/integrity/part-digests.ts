import { createHash } from 'node:crypto';
import type { Hash } from 'node:crypto';

import { DIGESTS } from './digest.ts';
import type { DigestName } from './digest.ts';

/** A part of a file, of which digests are wanted. */
export interface FilePart {
  readonly offset: number;
  readonly size: number;
  readonly names: readonly DigestName[];
}

interface Digesting extends FilePart {
  readonly hashes: readonly Hash[];
}

/** Digests of parts of a file that is read from its beginning, piece by piece. */
export class PartDigests {
  readonly #parts: readonly Digesting[];
  /** Nothing is left of the parts before this one. */
  #first = 0;
  /** Where the next piece begins. */
  #start = 0;

  /** The parts are in the order of their offsets. */
  constructor(parts: readonly FilePart[]) {
    this.#parts = parts.map((part) => ({
      ...part,
      hashes: part.names.map((name) => createHash(DIGESTS[name].node)),
    }));
  }

  /** The next piece of the file. */
  take(piece: Uint8Array): void {
    const start = this.#start;
    const end = start + piece.length;
    for (let i = this.#first; i < this.#parts.length; i += 1) {
      const part = this.#parts[i];
      if (part === undefined || part.offset >= end) break;
      feed(part, piece, start);
      if (i === this.#first && part.offset + part.size <= end) this.#first += 1;
    }
    this.#start = end;
  }

  /** Of each part, by its names, in lower-case hexadecimal. Called once, at the end. */
  hex(): readonly (readonly string[])[] {
    return this.#parts.map(({ hashes }) => hashes.map((hash) => hash.digest('hex')));
  }
}

/** Hashes what a piece of the file, which begins at `start`, holds of a part. */
function feed({ offset, size, hashes }: Digesting, piece: Uint8Array, start: number): void {
  const from = Math.max(0, offset - start);
  const to = Math.min(piece.length, offset + size - start);
  if (from >= to) return;
  for (const hash of hashes) hash.update(piece.subarray(from, to));
}
