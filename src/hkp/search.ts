import { HkpError } from './error.ts';
import { foldText, wordsOf } from './fold.ts';
import { MAX_RAW_SEARCH_LENGTH, MAX_SEARCH_LENGTH, MAX_SEARCH_WORDS } from './limits.ts';
import { decodedText, type PlusReading } from './percent.ts';
import type { Term } from '../keystore/keystore.ts';

/**
 * One reading of the variable `search`. Hexadecimal values are as the store keeps them, `email` and
 * `text` as they were written.
 */
export interface Search {
  readonly kind: 'fingerprint' | 'keyid' | 'short' | 'digest' | 'email' | 'text';
  readonly value: string;
}

const ADDRESS = /^[^\s<>@]+@[^\s<>@]+$/;

/** The text of a search, decoded for showing it. Throws `MISSING_SEARCH`, `SEARCH_TOO_LONG`, `BAD_PERCENT`. */
export function searchText(raw: string | undefined, plus: PlusReading): string {
  if (raw === undefined || raw === '') {
    throw new HkpError(
      'MISSING_SEARCH',
      'the variable "search" is missing: give a fingerprint, a key ID, an e-mail address or words',
    );
  }
  if (raw.length > MAX_RAW_SEARCH_LENGTH) throw tooLong();
  const text = decodedText(raw, plus).trim();
  if (text.length > MAX_SEARCH_LENGTH) throw tooLong();
  if (text === '') throw new HkpError('MISSING_SEARCH', 'the variable "search" holds only white space');
  return text;
}

function tooLong(): HkpError {
  return new HkpError('SEARCH_TOO_LONG', `the search is longer than ${MAX_SEARCH_LENGTH} characters`);
}

/**
 * What a search may mean, the likeliest first; each alternative counts only when those before it find
 * nothing. `+` is ambiguous: gpg and sq send it as it is within e-mail addresses, Go clients for a space.
 * Throws also `BAD_SEARCH`.
 */
export function parseSearch(raw: string | undefined): Search[] {
  if (raw?.includes('+') !== true) return readSearch(searchText(raw, 'space'));
  const readings: readonly PlusReading[] = ['plus', 'space'];
  const alternatives = readings.flatMap((plus) => readSearch(searchText(raw, plus)));
  const seen = new Set<string>();
  return alternatives.filter(({ kind, value }) => {
    const key = `${kind} ${value}`;
    if (seen.has(key)) return false;
    seen.add(key);
    return true;
  });
}

function readSearch(text: string): Search[] {
  // Fingerprints are copied with spaces or colons between the groups.
  const compact = text.replace(/[\s:+]/g, '');
  const prefixed = /^0x([0-9a-f]*)$/i.exec(compact)?.[1];
  if (prefixed !== undefined) return [prefixedSearch(prefixed)];
  const bare = /^[0-9a-f]+$/i.test(compact) ? hexSearch(compact) : undefined;
  return bare === undefined ? textSearches(text) : [bare, ...textSearches(text)];
}

function prefixedSearch(digits: string): Search {
  // Go's %#x drops the leading zeros of a 64-bit key ID: one signer in 16 (singularity verify).
  const padded = digits.length > 8 && digits.length < 16 ? digits.padStart(16, '0') : digits;
  const search = hexSearch(padded);
  if (search === undefined) {
    throw new HkpError(
      'BAD_SEARCH',
      `"0x" is followed by ${digits.length} digits; a fingerprint has 40 or 64, a key ID 16 or 8`,
    );
  }
  return search;
}

function hexSearch(digits: string): Search | undefined {
  switch (digits.length) {
    case 8:
      return { kind: 'short', value: digits.toUpperCase() };
    case 16:
      return { kind: 'keyid', value: digits.toUpperCase() };
    case 32:
      return { kind: 'digest', value: digits.toLowerCase() };
    case 40:
    case 64:
      return { kind: 'fingerprint', value: digits.toUpperCase() };
    default:
      return undefined;
  }
}

function textSearches(text: string): Search[] {
  const address = /^<([^<>]*)>$/.exec(text)?.[1] ?? text;
  if (ADDRESS.test(address))
    return [
      { kind: 'email', value: address },
      { kind: 'text', value: address },
    ];
  // gpg --locate-external-keys has turned the "+" of an address into a space before it sends it.
  const rejoined = address.replace(/\s+/g, '+');
  if (ADDRESS.test(rejoined))
    return [
      { kind: 'email', value: rejoined },
      { kind: 'text', value: text },
    ];
  return [{ kind: 'text', value: text }];
}

/** The terms a certificate must carry, all of them. `exact`: a text is a whole user ID, not words of one. */
export function termsOf(search: Search, exact: boolean): Term[] {
  if (search.kind === 'email') return [{ kind: 'email', value: foldText(search.value) }];
  if (search.kind !== 'text') return [{ kind: search.kind, value: search.value }];
  const words = exact ? [] : wordsOf(search.value);
  if (words.length === 0 || words.length > MAX_SEARCH_WORDS) {
    return [{ kind: 'userid', value: foldText(search.value) }];
  }
  return words.map((value) => ({ kind: 'word', value }));
}
