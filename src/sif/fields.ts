/** Numbers and text at fixed places of a header or descriptor that is there as a whole. Little-endian. */
export class Fields {
  readonly #bytes: Uint8Array;
  readonly #view: DataView;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  octet(at: number): number {
    return this.#view.getUint8(at);
  }

  uint32(at: number): number {
    return this.#view.getUint32(at, true);
  }

  int32(at: number): number {
    return this.#view.getInt32(at, true);
  }

  /** A signed integer of 8 octets, or undefined when a number cannot hold it exactly. */
  integer(at: number): number | undefined {
    const value = this.rounded(at);
    return Number.isSafeInteger(value) ? value : undefined;
  }

  /** A signed integer of 8 octets, for what is only shown. */
  rounded(at: number): number {
    return Number(this.#view.getBigInt64(at, true));
  }

  /** A signed integer of 8 octets as it is written, for messages. */
  digits(at: number): string {
    return String(this.#view.getBigInt64(at, true));
  }

  /** UTF-8 without the NULs at its end; what is not UTF-8 becomes U+FFFD. */
  text(from: number, to: number): string {
    let end = to;
    while (end > from && this.octet(end - 1) === 0) end -= 1;
    return new TextDecoder('utf-8', { ignoreBOM: true }).decode(this.#bytes.subarray(from, end));
  }

  setOctets(at: number, octets: Uint8Array): void {
    this.#bytes.set(octets, at);
  }

  setUint32(at: number, value: number): void {
    this.#view.setUint32(at, value, true);
  }

  setInteger(at: number, value: number): void {
    this.#view.setBigInt64(at, BigInt(value), true);
  }
}
