/*
 * ASCII armor (RFC 9580 §6) read as a stream: dumps do not fit into memory. As liberal as the reader of
 * uploads: any line ends, text around the blocks, several blocks, any headers, no look at the checksum.
 */
import { MAX_ARMOR_LINE, READ_SIZE } from './limits.ts';

/** Decoded octets, or the end of a block with what was wrong with it. */
export type ArmorPiece =
  | { readonly kind: 'octets'; readonly octets: Uint8Array }
  | { readonly kind: 'end'; readonly fault: string | undefined };

const BEGIN = /^-----BEGIN PGP [A-Z0-9 ,/]{1,64}-----$/;
const END = /^-----END PGP [A-Z0-9 ,/]{1,64}-----$/;
const HEADER = /^[A-Za-z0-9_-]{1,64}:(?: |$)/;
const BASE64 = /^[A-Za-z0-9+/]*={0,2}$/;
const CHECKSUM = /^=[A-Za-z0-9+/]{4}$/;

/** Decoding line by line would hand out 48 octets at a time. */
const DIGITS_AT_ONCE = READ_SIZE;

export function looksArmored(octets: Uint8Array): boolean {
  // A packet begins with an octet above 127 (RFC 9580 §4.2), text does not.
  return (octets[0] ?? 0) < 0x80 && Buffer.from(octets).includes('-----BEGIN PGP ');
}

/** The decoded octets of every block, in order. */
export async function* dearmorStream(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<ArmorPiece> {
  const reader = new ArmorReader();
  for await (const line of linesOf(chunks)) yield* reader.line(line);
  yield* reader.end();
}

/** Lines without their ends and the white space around them; longer ones are cut into several. */
async function* linesOf(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<string> {
  let rest = '';
  for await (const chunk of chunks) {
    const lines = (rest + Buffer.from(chunk).toString('latin1')).split(/\r\n|\n|\r(?!$)/);
    rest = lines.pop() ?? '';
    for (const line of lines) yield line.trim();
    for (; rest.length > MAX_ARMOR_LINE; rest = rest.slice(MAX_ARMOR_LINE))
      yield rest.slice(0, MAX_ARMOR_LINE);
  }
  if (rest !== '') yield rest.trim();
}

class ArmorReader {
  #state: 'outside' | 'headers' | 'body' = 'outside';
  /** Base64 digits that are not decoded yet: joining them line by line would copy them each time. */
  #lines: string[] = [];
  #count = 0;
  #padded = false;
  #fault: string | undefined;

  *line(line: string): Generator<ArmorPiece> {
    if (BEGIN.test(line)) {
      if (this.#state !== 'outside') yield* this.#close('the armor has no END line');
      this.#state = 'headers';
    } else if (this.#state !== 'outside') {
      if (END.test(line)) yield* this.#close(undefined);
      else yield* this.#inside(line);
    }
  }

  *end(): Generator<ArmorPiece> {
    if (this.#state !== 'outside') yield* this.#close('the armor has no END line');
  }

  *#inside(line: string): Generator<ArmorPiece> {
    if (this.#state === 'headers' && HEADER.test(line)) return;
    this.#state = 'body';
    // After the first fault of a block the rest of it is passed over.
    if (line === '' || CHECKSUM.test(line) || this.#fault !== undefined) return;
    if (!BASE64.test(line) || this.#padded) {
      this.#fault = 'the armor holds a line that is not base64';
      return;
    }
    this.#lines.push(line);
    this.#count += line.length;
    this.#padded = line.endsWith('=');
    if (this.#count < DIGITS_AT_ONCE || this.#padded) return;
    const digits = this.#takeDigits();
    const whole = digits.length - (digits.length % 4);
    yield octetsOf(digits.slice(0, whole));
    this.#lines = [digits.slice(whole)];
    this.#count = digits.length - whole;
  }

  *#close(fault: string | undefined): Generator<ArmorPiece> {
    const digits = this.#takeDigits().replace(/=+$/, '');
    const broken = digits.length % 4 === 1 ? 'the base64 of the armor is broken' : undefined;
    if (digits.length > 1) yield octetsOf(digits);
    yield { kind: 'end', fault: this.#fault ?? fault ?? broken };
    this.#state = 'outside';
    this.#padded = false;
    this.#fault = undefined;
  }

  #takeDigits(): string {
    const digits = this.#lines.join('');
    this.#lines = [];
    this.#count = 0;
    return digits;
  }
}

function octetsOf(digits: string): ArmorPiece {
  return { kind: 'octets', octets: Buffer.from(digits, 'base64') };
}
