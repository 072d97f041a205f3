import { askHere, verifyNatively } from './native-verify.ts';
import type { Verifier } from './verifier.ts';
import { verifySignature } from './verify.ts';

/**
 * For what a key server takes in, and for nothing else: whoever is to rely on a certificate has openpgp.js verify it
 * again. `test/architecture.test.ts` keeps this out of the rooms that judge images.
 */
export const verifyForStore: Verifier = async (signature, key, subject) =>
  (await verifyNatively(signature, key, subject)) ?? verifySignature(signature, key, subject);

/** The same for a thread of its own, which it holds up. */
export const verifyForStoreHere: Verifier = async (signature, key, subject) =>
  (await verifyNatively(signature, key, subject, askHere)) ?? verifySignature(signature, key, subject);
