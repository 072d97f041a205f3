/*
 * Pieces of a file on their way from the thread that reads to one that digests, in memory that both see. Each octet is
 * read once: whatever becomes of the file meanwhile, both threads see the same.
 */
import { READ_OCTETS } from '../limits.ts';

/** Pieces that the reading thread may be ahead. */
const BLOCKS = 4;

/** Milliseconds without any move of the other thread, after which it counts as gone. */
const PATIENCE = 30_000;

/** What two threads share. */
export interface RingMemory {
  /** `WRITTEN`, `TAKEN` and `ENDED`, and from `LENGTHS` on the octets in each block. */
  readonly state: Int32Array<SharedArrayBuffer>;
  readonly octets: Uint8Array<SharedArrayBuffer>;
}

/** Pieces handed on, and pieces done with, since the ring was begun; 1 when there will be no more. */
const WRITTEN = 0;
const TAKEN = 1;
const ENDED = 2;
const LENGTHS = 3;

export function ringMemory(): RingMemory {
  return {
    state: new Int32Array(new SharedArrayBuffer((LENGTHS + BLOCKS) * Int32Array.BYTES_PER_ELEMENT)),
    octets: new Uint8Array(new SharedArrayBuffer(BLOCKS * READ_OCTETS)),
  };
}

/** The end of the thread that reads. */
export class RingWriter {
  readonly #memory: RingMemory;

  constructor(memory: RingMemory) {
    this.#memory = memory;
  }

  /** For another file. Nobody may be reading from it. */
  begin(): void {
    this.#memory.state.fill(0);
  }

  /** The block to be filled next. Throws when the other thread does not make room. */
  block(): Uint8Array {
    const { state, octets } = this.#memory;
    const written = Atomics.load(state, WRITTEN);
    for (
      let taken = Atomics.load(state, TAKEN);
      written - taken >= BLOCKS;
      taken = Atomics.load(state, TAKEN)
    ) {
      if (Atomics.wait(state, TAKEN, taken, PATIENCE) === 'timed-out') {
        throw new Error('the thread that digests does nothing any more');
      }
    }
    return blockAt(octets, written);
  }

  /** Hands on the first octets of the block. */
  publish(length: number): void {
    const { state } = this.#memory;
    const written = Atomics.load(state, WRITTEN);
    Atomics.store(state, LENGTHS + (written % BLOCKS), length);
    Atomics.store(state, WRITTEN, written + 1);
    Atomics.notify(state, WRITTEN);
  }

  end(): void {
    const { state } = this.#memory;
    Atomics.store(state, ENDED, 1);
    // Who waits, waits for another piece.
    Atomics.notify(state, WRITTEN);
  }
}

/** The pieces as they come, until the end. Each is valid until the next one is asked for. Blocks the thread. */
export function* ringPieces({ state, octets }: RingMemory): Generator<Uint8Array> {
  for (let taken = 0; ; taken += 1) {
    while (Atomics.load(state, WRITTEN) === taken) {
      if (Atomics.load(state, ENDED) === 1) {
        // Something may have come between the two looks.
        if (Atomics.load(state, WRITTEN) === taken) return;
        break;
      }
      Atomics.wait(state, WRITTEN, taken, LOOK_INTERVAL);
    }
    yield blockAt(octets, taken).subarray(0, Atomics.load(state, LENGTHS + (taken % BLOCKS)));
    Atomics.store(state, TAKEN, taken + 1);
    Atomics.notify(state, TAKEN);
  }
}

/** Milliseconds: an end that comes between a look and the waiting wakes nobody. */
const LOOK_INTERVAL = 20;

function blockAt(octets: Uint8Array, count: number): Uint8Array {
  const start = (count % BLOCKS) * READ_OCTETS;
  return octets.subarray(start, start + READ_OCTETS);
}
