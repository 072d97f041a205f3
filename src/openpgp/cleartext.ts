/*
 * Cleartext-signed messages (RFC 9580 §7), read so that what is returned is what was signed and nothing
 * stands around it.
 *
 * Stricter than Go's clearsign.Decode, which SIF tools use: it skips whatever is before and after the
 * message, takes the first of two messages, does not compare the `Hash` headers with the signature, and
 * returns lines that begin with an unescaped dash. All that is refused here: of such an object one reader
 * shows what another never verified (CVE-2019-11841, CVE-2023-41037). As in Go, line ends may be LF or
 * CR LF, blanks at the end of a line are not signed, `Hash` may be missing, and the checksum of the armor
 * may be missing or wrong.
 */
import { dearmor } from './armor.ts';
import { OpenPgpError } from './error.ts';
import { MAX_CLEARTEXT_OCTETS, MAX_HASH_HEADERS } from './limits.ts';
import { SIGNATURE, splitPackets } from './packet.ts';
import { readSignature } from './signature.ts';
import type { Signature } from './signature.ts';

/** A message as it was read; its signatures are not verified. */
export interface CleartextMessage {
  /** The signed lines joined with LF; the line end before the signature is not a part of it (§7.1). */
  readonly text: string;
  /** What the signatures are made over: the same lines in UTF-8, joined with CR LF. */
  readonly signedOctets: Uint8Array;
  /** At least one, in the order of their packets. */
  readonly signatures: readonly Signature[];
}

const BEGIN_MESSAGE = '-----BEGIN PGP SIGNED MESSAGE-----';
const BEGIN_SIGNATURE = '-----BEGIN PGP SIGNATURE-----';
const END_SIGNATURE = '-----END PGP SIGNATURE-----';

/** Hash algorithm IDs by the names that stand in `Hash` headers (RFC 9580 §9.5). */
const HASHES: Readonly<Record<string, number>> = {
  MD5: 1,
  SHA1: 2,
  RIPEMD160: 3,
  SHA256: 8,
  SHA384: 9,
  SHA512: 10,
  SHA224: 11,
  'SHA3-256': 12,
  'SHA3-512': 14,
};

/** True when the octets begin like a cleartext-signed message; whether they are one `readCleartext` says. */
export function looksLikeCleartext(octets: Uint8Array): boolean {
  const begin = Buffer.from(BEGIN_MESSAGE);
  return Buffer.compare(octets.subarray(0, begin.length), begin) === 0;
}

/**
 * Reads octets that are one cleartext-signed message from the first to the last, white space at the end
 * excepted. Throws `BAD_CLEARTEXT`; for the signature within also `BAD_ARMOR` and `BAD_PACKET`.
 */
export function readCleartext(octets: Uint8Array): CleartextMessage {
  if (octets.length > MAX_CLEARTEXT_OCTETS) {
    throw bad(`a signed message of ${octets.length} octets; at most ${MAX_CLEARTEXT_OCTETS} are read`);
  }
  const lines = decode(octets).split('\n').map(withoutCarriageReturn);
  if (lines[0] !== BEGIN_MESSAGE) throw bad(`the first line is not "${BEGIN_MESSAGE}"`);
  const blank = lines.indexOf('', 1);
  if (blank < 0) throw bad('no empty line follows the headers');
  const hashes = readHashHeaders(lines.slice(1, blank));
  const end = lines.indexOf(BEGIN_SIGNATURE, blank + 1);
  if (end < 0) throw bad(`there is no "${BEGIN_SIGNATURE}" line`);
  const text = lines
    .slice(blank + 1, end)
    .map(unescape)
    .map(withoutTrailingBlanks);
  const signatures = readSignatures(lines.slice(end));
  for (const { hash } of signatures) {
    if (hashes.size > 0 && !hashes.has(hash)) throw bad('its "Hash" header names another hash than it uses');
  }
  return { text: text.join('\n'), signedOctets: Buffer.from(text.join('\r\n')), signatures };
}

/** §7: the text is in UTF-8. A byte order mark is a character of the text, not a mark to be skipped. */
function decode(octets: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(octets);
  } catch (error) {
    throw new OpenPgpError('BAD_CLEARTEXT', 'the message is not in UTF-8', { cause: error });
  }
}

/** A carriage return elsewhere ends a line for some readers and not for others. */
function withoutCarriageReturn(line: string): string {
  const bare = line.endsWith('\r') ? line.slice(0, -1) : line;
  if (bare.includes('\r')) throw bad('a carriage return within a line');
  return bare;
}

/** §7.1: `Hash` is the only header, as nothing of the headers is signed. */
function readHashHeaders(headers: readonly string[]): ReadonlySet<number> {
  if (headers.length > MAX_HASH_HEADERS) throw bad(`more than ${MAX_HASH_HEADERS} header lines`);
  const names = headers.flatMap((line) => {
    const list = /^Hash: ([A-Z0-9, -]+)$/.exec(line)?.[1];
    if (list === undefined) throw bad('a header other than "Hash", which nobody has signed');
    return list.split(',').map((name) => name.trim());
  });
  return new Set(
    names.map((name) => {
      const id = Object.hasOwn(HASHES, name) ? HASHES[name] : undefined;
      if (id === undefined) throw bad('its "Hash" header names an unknown hash');
      return id;
    }),
  );
}

/** §7.2: every line that begins with a dash has been escaped; others may have been. */
function unescape(line: string): string {
  if (line.startsWith('- ')) return line.slice(2);
  if (line.startsWith('-')) throw bad('a line of the text begins with a dash that is not escaped');
  return line;
}

/** §7.1: spaces and tabs at the end of a line are not signed, so they are not text either. No other ones. */
function withoutTrailingBlanks(line: string): string {
  let end = line.length;
  while (end > 0 && (line[end - 1] === ' ' || line[end - 1] === '\t')) end -= 1;
  return line.slice(0, end);
}

function readSignatures(lines: readonly string[]): Signature[] {
  const last = lines.findLastIndex((line) => line.trim() !== '');
  const first = lines.findIndex((line) => line.trim() === END_SIGNATURE);
  if (first < 0) throw bad(`there is no "${END_SIGNATURE}" line`);
  if (first !== last) throw bad(`something follows the "${END_SIGNATURE}" line`);
  const [block, ...others] = dearmor(Buffer.from(lines.slice(0, first + 1).join('\n')));
  if (block === undefined || others.length > 0) throw bad('its armor is not one signature');
  const packets = splitPackets(block.data);
  if (packets.length === 0) throw bad('its armor is empty');
  return packets.map((packet) => {
    if (packet.tag !== SIGNATURE) throw bad(`a packet of type ${packet.tag} among the signatures`);
    return readSignature(packet);
  });
}

function bad(what: string): OpenPgpError {
  return new OpenPgpError('BAD_CLEARTEXT', `not a cleartext-signed message: ${what}`);
}
