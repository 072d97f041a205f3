import * as fc from 'fast-check';

import { OpenPgpError } from '../../src/openpgp/error.ts';

/** Everything that is `octets` cut off somewhere, or with some octets replaced by others. */
export function damaged(octets: Uint8Array): fc.Arbitrary<Uint8Array> {
  const change = fc.record({ at: fc.nat({ max: octets.length - 1 }), octet: fc.nat({ max: 255 }) });
  const changed = fc.array(change, { minLength: 1, maxLength: 4 }).map((changes) => {
    const copy = Uint8Array.from(octets);
    for (const { at, octet } of changes) copy[at] = octet;
    return copy;
  });
  const cut = fc.nat({ max: octets.length - 1 }).map((length) => octets.slice(0, length));
  return fc.oneof(changed, cut);
}

/** True when `read` ends, with an answer or an `OpenPgpError`; any other error is passed on. */
export function answersOrRefuses(read: () => unknown): boolean {
  try {
    read();
    return true;
  } catch (error) {
    if (error instanceof OpenPgpError) return true;
    throw error;
  }
}

/** What a promise comes to, undefined for an `OpenPgpError`; any other error is passed on. */
export async function orRefusal<T>(work: Promise<T>): Promise<T | undefined> {
  try {
    return await work;
  } catch (error) {
    if (error instanceof OpenPgpError) return undefined;
    throw error;
  }
}
