import { HkpError } from './error.ts';

const PERCENT = 0x25;
const PLUS = 0x2b;
const SPACE = 0x20;

/** What `+` stands for: a space in forms (HTML), itself everywhere else (RFC 3986). */
export type PlusReading = 'space' | 'plus';

/** The octets of a percent-encoded text. Throws `BAD_PERCENT`. */
export function decodePercent(raw: string, plus: PlusReading): Buffer {
  // Node's parser hands octets above 0x7F on as Latin-1 characters.
  const source = Buffer.from(raw, 'latin1');
  const decoded = Buffer.alloc(source.length);
  let length = 0;
  for (let at = 0; at < source.length; at += 1) {
    let octet = source[at] ?? 0;
    if (octet === PERCENT) {
      octet = hexOctet(source, at + 1);
      at += 2;
    } else if (octet === PLUS && plus === 'space') octet = SPACE;
    decoded[length] = octet;
    length += 1;
  }
  return decoded.subarray(0, length);
}

function hexOctet(source: Buffer, at: number): number {
  const digits = source.toString('latin1', at, at + 2);
  if (!/^[0-9a-f]{2}$/i.test(digits)) {
    throw new HkpError(
      'BAD_PERCENT',
      'a "%" in the request is not followed by two hexadecimal digits; write "%25"',
    );
  }
  return Number.parseInt(digits, 16);
}

/** Printable ASCII that stands for itself in every reading. */
const PLAIN = /^[!-$&-*,-~]*$/;

/** The decoded text. Throws `BAD_PERCENT`. */
export function decodedText(raw: string, plus: PlusReading): string {
  return PLAIN.test(raw) ? raw : textOf(decodePercent(raw, plus));
}

const UTF8 = new TextDecoder('utf-8', { fatal: true });

/** UTF-8, or Latin-1 for what is not: some old programs send the bytes of their own character set. */
export function textOf(octets: Uint8Array): string {
  try {
    return UTF8.decode(octets);
  } catch {
    return Buffer.from(octets).toString('latin1');
  }
}
