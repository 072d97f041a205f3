import { askHere, verifyNatively } from './native-verify.ts';
import type { PublicKey } from './public-key.ts';
import type { Signature } from './signature.ts';
import type { Verifier } from './verifier.ts';

/**
 * For what a key server takes in, and for nothing else: whoever is to rely on a certificate has openpgp.js verify it
 * again. `test/architecture.test.ts` keeps this out of the rooms that judge images.
 */
export const verifyForStore: Verifier = async (signature, key, subject) =>
  (await verifyNatively(signature, key, subject)) ?? judge(signature, key, subject);

/** The same for a thread of its own, which it holds up. */
export const verifyForStoreHere: Verifier = async (signature, key, subject) =>
  (await verifyNatively(signature, key, subject, askHere)) ?? judge(signature, key, subject);

/** openpgp.js is loaded when it is needed: most threads that check certificates never do. */
async function judge(signature: Signature, key: PublicKey, subject: Uint8Array): Promise<boolean> {
  const { verifySignature } = await import('./verify.ts');
  return verifySignature(signature, key, subject);
}
