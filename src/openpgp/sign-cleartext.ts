import { armor } from './armor.ts';
import { readCleartext } from './cleartext.ts';
import { OpenPgpError } from './error.ts';
import { TEXT } from './signature.ts';
import type { UnlockedKey } from './unlocked-key.ts';

/** Hashes to sign with; SHA-256 is what SIF tools write. */
export type SigningHash = 'SHA256' | 'SHA384' | 'SHA512';

const HASH_IDS: Readonly<Record<SigningHash, number>> = { SHA256: 8, SHA384: 9, SHA512: 10 };

export interface SignCleartextOptions {
  /** Seconds since 1970. */
  readonly created: number;
  readonly hash: SigningHash;
}

/**
 * A cleartext-signed message (RFC 9580 §7) of the text, with LF line ends and none after the last line, as
 * Go's library writes it into SIF images. Throws `BAD_CLEARTEXT` for a text that would not come back as it
 * is (blanks at the end of a line, carriage returns, more than the limit), and as `UnlockedKey.sign` does.
 */
export async function signCleartext(
  text: string,
  key: UnlockedKey,
  { created, hash }: SignCleartextOptions,
): Promise<string> {
  const lines = text.split('\n');
  const octets = Buffer.from(lines.join('\r\n'));
  const { packet } = await key.sign(octets, { type: TEXT, hash: HASH_IDS[hash], created });
  const message = [
    '-----BEGIN PGP SIGNED MESSAGE-----',
    `Hash: ${hash}`,
    '',
    ...lines.map((line) => (line.startsWith('-') ? `- ${line}` : line)),
    armor(packet.raw, 'SIGNATURE').trimEnd(),
  ].join('\n');
  // Throws for a carriage return and for what is over a limit.
  if (readCleartext(Buffer.from(message)).text !== text) {
    throw new OpenPgpError(
      'BAD_CLEARTEXT',
      'a text with blanks at the end of a line, or that is not Unicode, cannot be signed unchanged',
    );
  }
  return message;
}
