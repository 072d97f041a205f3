/** One packet of a keyring (RFC 9580 §4). `raw` is the packet as it came, header and body. */
export interface Packet {
  /** Packet type ID, 0 to 63. */
  readonly tag: number;
  readonly body: Uint8Array;
  readonly raw: Uint8Array;
}
