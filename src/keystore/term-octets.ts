/**
 * A term as octets: one for its kind, four for the length of its value, then the value in UTF-8. With the
 * length in front no term's octets are the beginning of another's, whatever characters the values hold, so
 * a range of rows that begins with one term holds nothing of any other.
 */
import { KeystoreError } from './error.ts';
import type { Term, TermKind } from './keystore.ts';

const HEADER = 5;

const KIND_OCTETS: Readonly<Record<TermKind, number>> = {
  digest: 0x64, // d
  email: 0x65, // e
  fingerprint: 0x66, // f
  keyid: 0x6b, // k
  short: 0x73, // s
  userid: 0x75, // u
  word: 0x77, // w
};

const KINDS: ReadonlyMap<number, TermKind> = new Map(
  Object.keys(KIND_OCTETS)
    .filter(isKind)
    .map((kind) => [KIND_OCTETS[kind], kind]),
);

function isKind(name: string): name is TermKind {
  return Object.hasOwn(KIND_OCTETS, name);
}

export function termOctets(term: Term): Buffer {
  return Buffer.from(characters(term), 'latin1');
}

/** The terms as octets, each once, in ascending order: equal sets give equal lists. */
export function termSet(terms: Iterable<Term> | Buffer): Buffer[] {
  return splitTerms(joinedTerms(terms));
}

/** Those of `termSet`, one after another; itself what is so already. */
export function joinedTerms(terms: Iterable<Term> | Buffer): Buffer {
  if (Buffer.isBuffer(terms)) return terms;
  const unique = new Set<string>();
  for (const term of terms) unique.add(characters(term));
  return Buffer.from([...unique].toSorted().join(''), 'latin1');
}

/** The octets of a term, each as a character: strings of them are made, compared and sorted faster than buffers. */
function characters({ kind, value }: Term): string {
  const length = Buffer.byteLength(value, 'utf8');
  const octets = length === value.length ? value : Buffer.from(value, 'utf8').toString('latin1');
  return (
    String.fromCharCode(
      KIND_OCTETS[kind],
      length >>> 24,
      (length >>> 16) & 0xff,
      (length >>> 8) & 0xff,
      length & 0xff,
    ) + octets
  );
}

/** Length of the term that starts at `offset`, its header included; undefined when it does not fit. */
export function termLength(octets: Buffer, offset: number): number | undefined {
  if (offset + HEADER > octets.length) return undefined;
  const length = HEADER + octets.readUInt32BE(offset + 1);
  return offset + length <= octets.length ? length : undefined;
}

/** The opposite of `termOctets`. Throws `CORRUPT`. */
export function readTerm(octets: Buffer): Term {
  const kind = KINDS.get(octets[0] ?? 0);
  if (kind === undefined || termLength(octets, 0) !== octets.length) throw unreadable();
  return { kind, value: octets.toString('utf8', HEADER) };
}

/** Cuts a concatenation of terms apart. Throws `CORRUPT`. */
export function splitTerms(octets: Buffer): Buffer[] {
  const terms: Buffer[] = [];
  for (let offset = 0; offset < octets.length;) {
    const length = termLength(octets, offset);
    if (length === undefined) throw unreadable();
    terms.push(octets.subarray(offset, offset + length));
    offset += length;
  }
  return terms;
}

/** The opposite of `joinedTerms`. Throws `CORRUPT`. */
export function readTerms(octets: Buffer): Term[] {
  return splitTerms(octets).map(readTerm);
}

function unreadable(): KeystoreError {
  return new KeystoreError(
    'CORRUPT',
    'The search terms of a certificate cannot be read. Run "vouch keystore check".',
  );
}
