import { verifyNatively } from './native-verify.ts';
import type { Verifier } from './verifier.ts';

/**
 * For what a key server takes in, and for nothing else: whoever is to rely on a certificate has openpgp.js verify it
 * again. `test/architecture.test.ts` keeps this out of the rooms that judge images.
 */
export const verifyForStore: Verifier = async (signature, key, subject) => {
  const answer = await verifyNatively(signature, key, subject);
  if (answer !== undefined) return answer;
  // Loaded when it is needed: most threads that check certificates never do.
  const { verifySignature } = await import('./verify.ts');
  return verifySignature(signature, key, subject);
};
