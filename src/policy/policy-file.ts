/** One file of a policy, as it was read. */
export interface PolicyFile {
  /** For messages. */
  readonly name: string;
  readonly octets: Uint8Array;
}
