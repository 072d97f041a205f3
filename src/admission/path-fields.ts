import { Buffer } from 'node:buffer';

export interface PathFields {
  /** Decoded as UTF-8. */
  readonly path: string;
  /** The octets, when decoding loses something. */
  readonly path_b64?: string;
}

/** A path as answers and events have it. */
export function pathFields(path: Uint8Array): PathFields {
  const octets = Buffer.from(path);
  const text = octets.toString('utf8');
  return Buffer.from(text).equals(octets)
    ? { path: text }
    : { path: text, path_b64: octets.toString('base64') };
}
