import type { Keystore, PageRequest, Tombstone } from './keystore.ts';

/** Certificates taken out at a time. A key is on more than one only where somebody made it so. */
const CARRIERS_PER_STEP = 64;

/** Documents about one key, whose ID is its fingerprint: they name addresses on it, or hold it while it waits. */
const KINDS_ABOUT_A_KEY = ['proof', 'proof-waiting'] as const;

/**
 * Removes a key for good: puts the tombstone, then takes out every certificate that the key is on, as primary
 * key or as subkey, each with a tombstone of its own that says the same. Answers the fingerprints of those
 * that were held. In this order a certificate that is stored meanwhile is either found here, or its
 * submission finds the tombstone.
 */
export async function removeKey(keystore: Keystore, tombstone: Tombstone): Promise<readonly string[]> {
  const { fingerprint } = tombstone;
  const removed: string[] = (await keystore.remove(tombstone)) ? [fingerprint] : [];
  await forget(keystore, fingerprint);
  let request: PageRequest = { limit: CARRIERS_PER_STEP };
  for (;;) {
    const page = await keystore.find([{ kind: 'fingerprint', value: fingerprint }], request);
    for (const carrier of page.fingerprints) {
      if (await keystore.remove({ ...tombstone, fingerprint: carrier })) removed.push(carrier);
      await forget(keystore, carrier);
    }
    if (page.next === undefined) return removed;
    request = { limit: CARRIERS_PER_STEP, after: page.next };
  }
}

async function forget(keystore: Keystore, fingerprint: string): Promise<void> {
  for (const kind of KINDS_ABOUT_A_KEY) {
    const document = await keystore.document(kind, fingerprint);
    if (document !== undefined) await keystore.putDocument(kind, fingerprint, undefined, document.version);
  }
}
