/** Thrown by `ByteReader` when fewer octets are left than were asked for. */
export class OutOfBytes extends RangeError {}

/**
 * A cursor over octets that were checked to be there: reading past the end throws `OutOfBytes`, so no
 * length from outside is ever used to allocate. Integers are big-endian.
 */
export class ByteReader {
  readonly #bytes: Uint8Array;
  #position: number;

  constructor(bytes: Uint8Array, position = 0) {
    this.#bytes = bytes;
    this.#position = position;
  }

  get position(): number {
    return this.#position;
  }

  get left(): number {
    return this.#bytes.length - this.#position;
  }

  octet(): number {
    const octet = this.#bytes[this.#position];
    if (octet === undefined) throw new OutOfBytes('the data ends too early');
    this.#position += 1;
    return octet;
  }

  /** The octet at an absolute position, without moving. */
  octetAt(position: number): number {
    const octet = this.#bytes[position];
    if (octet === undefined) throw new OutOfBytes(`no octet at ${position}`);
    return octet;
  }

  /** An unsigned integer of 1 to 4 octets. */
  uint(octets: 1 | 2 | 3 | 4): number {
    let value = 0;
    for (let i = 0; i < octets; i += 1) value = value * 256 + this.octet();
    return value;
  }

  /** A view, not a copy, of the next `length` octets. */
  take(length: number): Uint8Array {
    if (length > this.left) throw new OutOfBytes(`${length} octets wanted, ${this.left} left`);
    const start = this.#position;
    this.#position += length;
    return this.#bytes.subarray(start, this.#position);
  }

  rest(): Uint8Array {
    return this.take(this.left);
  }
}

/** The four octets at a position, which are there, as an unsigned number: for who reads too often to make a reader. */
export function uint32At(bytes: Uint8Array, at: number): number {
  const low = ((bytes[at + 1] ?? 0) << 16) | ((bytes[at + 2] ?? 0) << 8) | (bytes[at + 3] ?? 0);
  return (bytes[at] ?? 0) * 0x100_0000 + low;
}
