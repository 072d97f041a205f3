import type { Keystore, PageRequest, Tombstone } from './keystore.ts';

/** Certificates taken out at a time. A key is on more than one only where somebody made it so. */
const CARRIERS_PER_STEP = 64;

/**
 * Removes a key for good: puts the tombstone, then takes out every certificate that the key is on, as primary
 * key or as subkey, each with a tombstone of its own that says the same. Answers the fingerprints of those
 * that were held. In this order a certificate that is stored meanwhile is either found here, or its
 * submission finds the tombstone.
 */
export async function removeKey(keystore: Keystore, tombstone: Tombstone): Promise<readonly string[]> {
  const { fingerprint } = tombstone;
  const removed: string[] = (await keystore.remove(tombstone)) ? [fingerprint] : [];
  let request: PageRequest = { limit: CARRIERS_PER_STEP };
  for (;;) {
    const page = await keystore.find([{ kind: 'fingerprint', value: fingerprint }], request);
    for (const carrier of page.fingerprints) {
      if (await keystore.remove({ ...tombstone, fingerprint: carrier })) removed.push(carrier);
    }
    if (page.next === undefined) return removed;
    request = { limit: CARRIERS_PER_STEP, after: page.next };
  }
}
