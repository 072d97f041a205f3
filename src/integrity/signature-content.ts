/* The content of a signature object, told apart by what it is, without verifying anything. */
import { looksLikeCleartext, readCleartext } from '../openpgp/cleartext.ts';
import type { CleartextMessage } from '../openpgp/cleartext.ts';
import { OpenPgpError } from '../openpgp/error.ts';
import { looksLikeEnvelope, readEnvelope } from './dsse.ts';
import type { Envelope } from './dsse.ts';

export type SignatureContent =
  | { readonly kind: 'pgp'; readonly message: CleartextMessage }
  | { readonly kind: 'dsse'; readonly envelope: Envelope }
  /** Singularity 3.0 to 3.5: says the digest of contents and nothing else. */
  | { readonly kind: 'legacy'; readonly message: CleartextMessage }
  | { readonly kind: 'bad'; readonly format: 'pgp' | 'dsse' | 'unknown'; readonly detail: string };

/** What the text of legacy signatures begins with (sif v2 pkg/integrity/digest.go). */
export const LEGACY_MARK = 'SIFHASH:\n';

export function readSignatureContent(octets: Uint8Array): SignatureContent {
  if (looksLikeEnvelope(octets)) {
    const envelope = readEnvelope(octets);
    return typeof envelope === 'string'
      ? { kind: 'bad', format: 'dsse', detail: `not a DSSE envelope: ${envelope}` }
      : { kind: 'dsse', envelope };
  }
  if (!looksLikeCleartext(octets)) {
    const detail = 'neither a clear-signed message nor a DSSE envelope, from the first octet on';
    return { kind: 'bad', format: 'unknown', detail };
  }
  try {
    const message = readCleartext(octets);
    return { kind: message.text.startsWith(LEGACY_MARK) ? 'legacy' : 'pgp', message };
  } catch (error) {
    if (!(error instanceof OpenPgpError)) throw error;
    return { kind: 'bad', format: 'pgp', detail: error.message };
  }
}
