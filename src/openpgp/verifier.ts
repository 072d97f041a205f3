import type { PublicKey } from './public-key.ts';
import type { Signature } from './signature.ts';

/**
 * Says whether `key` made `signature` over `subject`: mathematics only, never an exception. There are two, and
 * whoever has signatures checked says which:
 *
 * - `verifySignature` is openpgp.js: it alone judges what counts for an image, and the keys that count for one;
 * - `verifyForStore` asks OpenSSL first, for what a key server takes in, which decides nothing about trust.
 */
export type Verifier = (signature: Signature, key: PublicKey, subject: Uint8Array) => Promise<boolean>;
