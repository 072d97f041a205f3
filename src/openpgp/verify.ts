import type { Verifier } from './verifier.ts';

let loading: Promise<typeof import('./judge-signature.ts')> | undefined;

/**
 * Whether a signature is good by openpgp.js, which is loaded for the first one: it takes longer than everything else
 * that a key server begins with. Rejects when it cannot be loaded, which says nothing about the signature.
 */
export const verifySignature: Verifier = async (signature, key, subject) => {
  const { judgeSignature } = await (loading ??= import('./judge-signature.ts'));
  return judgeSignature(signature, key, subject);
};
