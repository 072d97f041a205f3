/*
 * ASCII armor (RFC 9580 §6). The reader is liberal, for what people paste: any line ends, text around the
 * blocks, several blocks, odd headers, no blank line after them, a missing, malformed or wrong checksum
 * (§6.1: "MUST NOT reject"). It does not read cleartext-signed messages, nor armor with quoting marks before
 * the lines.
 */
import { crc24 } from './crc24.ts';
import { OpenPgpError } from './error.ts';
import { MAX_ARMOR_HEADERS, MAX_ARMOR_HEADER_LENGTH } from './limits.ts';

export interface ArmorBlock {
  /** What follows `BEGIN PGP `: `PUBLIC KEY BLOCK`, `ARMORED FILE`, … */
  readonly label: string;
  readonly data: Uint8Array;
}

/** What Windows editors put before a text in UTF-8, read as Latin-1. */
const BYTE_ORDER_MARK = '\u00ef\u00bb\u00bf';

const BEGIN = /^-----BEGIN PGP ([A-Z0-9 ,/]{1,64})-----$/;
const HEADER = /^[A-Za-z0-9_-]{1,64}:(?: |$)/;
const BASE64_LINE = /^[A-Za-z0-9+/]+={0,2}$/;

/** A cursor over the lines of a text that never holds more than one of them. */
class Lines {
  readonly #text: string;
  #position = 0;

  constructor(text: string) {
    this.#text = text;
  }

  /** The next line without its end (LF, CR or CR LF) and the white space around it; undefined at the end. */
  next(): string | undefined {
    const start = this.#position;
    if (start >= this.#text.length) return undefined;
    let end = start;
    while (end < this.#text.length && !this.#endsLine(end)) end += 1;
    const crlf = this.#text.charCodeAt(end) === 13 && this.#text.charCodeAt(end + 1) === 10;
    this.#position = end + (crlf ? 2 : 1);
    return this.#text.slice(start, end).trim();
  }

  #endsLine(at: number): boolean {
    const code = this.#text.charCodeAt(at);
    return code === 10 || code === 13;
  }
}

/**
 * Every armored block of a text, in order. Throws `NO_ARMOR` when there is none, `BAD_ARMOR` when one
 * cannot be read: armor is never skipped in silence.
 */
export function dearmor(input: Uint8Array): ArmorBlock[] {
  const text = Buffer.from(input.buffer, input.byteOffset, input.byteLength).toString('latin1');
  const lines = new Lines(text.startsWith(BYTE_ORDER_MARK) ? text.slice(BYTE_ORDER_MARK.length) : text);
  const blocks: ArmorBlock[] = [];
  for (let line = lines.next(); line !== undefined; line = lines.next()) {
    const label = BEGIN.exec(line)?.[1];
    if (label !== undefined) blocks.push({ label, data: readBlock(lines, label) });
  }
  if (blocks.length === 0) {
    throw new OpenPgpError(
      'NO_ARMOR',
      'no "-----BEGIN PGP PUBLIC KEY BLOCK-----" line found; send an ASCII-armored key',
    );
  }
  return blocks;
}

function readBlock(lines: Lines, label: string): Uint8Array {
  const end = `-----END PGP ${label}-----`;
  const base64: string[] = [];
  let sealed = false;
  for (let line = skipHeaders(lines); line !== end; line = lines.next()) {
    if (line === undefined) throw new OpenPgpError('BAD_ARMOR', `the armor has no "${end}" line`);
    if (line === '') continue;
    // RFC 9580 §6.1: the checksum says nothing that signatures do not say better; it is not looked at.
    if (line.startsWith('=')) sealed = true;
    else if (sealed || !BASE64_LINE.test(line)) {
      throw new OpenPgpError('BAD_ARMOR', 'the armor holds a line that is not base64');
    } else base64.push(line);
  }
  const text = base64.join('');
  const data = Buffer.from(text, 'base64');
  // Node stops at the first "="; text after a padded line would be lost without this.
  const digits = text.replace(/=+$/, '');
  if (digits.includes('=') || digits.length % 4 === 1) {
    throw new OpenPgpError('BAD_ARMOR', 'the base64 of the armor is broken');
  }
  return data;
}

/** Reads armor headers (§6.2.2), trusts none of them, and returns the first line after them. */
function skipHeaders(lines: Lines): string | undefined {
  let count = 0;
  let line = lines.next();
  while (line !== undefined && HEADER.test(line)) {
    count += 1;
    if (count > MAX_ARMOR_HEADERS || line.length > MAX_ARMOR_HEADER_LENGTH) {
      throw new OpenPgpError(
        'BAD_ARMOR',
        `more than ${MAX_ARMOR_HEADERS} armor headers, or one longer than ${MAX_ARMOR_HEADER_LENGTH} characters`,
      );
    }
    line = lines.next();
  }
  return line;
}

const COLUMNS = 64;

/** What this program writes into armor. */
export type ArmorLabel = 'PUBLIC KEY BLOCK' | 'PRIVATE KEY BLOCK' | 'SIGNATURE';

const DIGITS: Uint8Array = Buffer.from('ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/');
const LINE_FEED = 10;

/** No headers, 64 columns, a checksum for readers that want one, a final newline. */
export function armor(data: Uint8Array, label: ArmorLabel = 'PUBLIC KEY BLOCK'): string {
  return armorOctets(data, label).toString('latin1');
}

/** The same in ASCII. Written in one go, as key servers do little else. */
export function armorOctets(data: Uint8Array, label: ArmorLabel = 'PUBLIC KEY BLOCK'): Buffer {
  const head = `-----BEGIN PGP ${label}-----\n\n`;
  const tail = `=${checksumDigits(crc24(data))}\n-----END PGP ${label}-----\n`;
  const digits = Math.ceil(data.length / 3) * 4;
  const lines = Math.ceil(digits / COLUMNS);
  const octets = Buffer.allocUnsafe(head.length + digits + lines + tail.length);
  const end = writeLines(data, octets, octets.write(head, 'latin1'));
  octets.write(tail, end, 'latin1');
  return octets;
}

/** The base64 of three octets. */
function checksumDigits(checksum: number): string {
  const digit = (shift: number): number => DIGITS[(checksum >>> shift) & 63] ?? 0;
  return String.fromCharCode(digit(18), digit(12), digit(6), digit(0));
}

/** Writes base64 in lines from `at` on; returns where they end. */
function writeLines(data: Uint8Array, octets: Buffer, at: number): number {
  const whole = data.length - (data.length % 3);
  let to = at;
  for (let from = 0, column = 0; from < whole; from += 3) {
    const group = ((data[from] ?? 0) << 16) | ((data[from + 1] ?? 0) << 8) | (data[from + 2] ?? 0);
    octets[to] = DIGITS[group >>> 18] ?? 0;
    octets[to + 1] = DIGITS[(group >>> 12) & 63] ?? 0;
    octets[to + 2] = DIGITS[(group >>> 6) & 63] ?? 0;
    octets[to + 3] = DIGITS[group & 63] ?? 0;
    to += 4;
    column += 4;
    if (column === COLUMNS) {
      octets[to] = LINE_FEED;
      to += 1;
      column = 0;
    }
  }
  if (whole < data.length)
    to += octets.write(Buffer.from(data.subarray(whole)).toString('base64'), to, 'latin1');
  if (octets[to - 1] !== LINE_FEED) {
    octets[to] = LINE_FEED;
    to += 1;
  }
  return to;
}
