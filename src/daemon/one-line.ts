/* Texts that may quote hostile ones, for places that take one line of plain characters. */

const LONGEST = 400;

/** One line: what a terminal obeys, and what turns text round, is written as an escape. */
export function oneLine(text: string): string {
  return shortened(text).replace(/[\p{Cc}\p{Cf}\p{Cs}\u2028\u2029]/gu, escaped);
}

/** One line of ASCII, for a header. */
export function asciiLine(text: string): string {
  return shortened(text).replace(/[^ -~]/gu, escaped);
}

/** Percent-encoded, but for the slash and what no address has to encode (RFC 3986 §2.3). */
export function percentEncoded(octets: Uint8Array): string {
  return Array.from(octets, (octet) => {
    const character = String.fromCharCode(octet);
    return /[A-Za-z0-9\-._~/]/.test(character)
      ? character
      : `%${octet.toString(16).toUpperCase().padStart(2, '0')}`;
  }).join('');
}

function shortened(text: string): string {
  return text.length > LONGEST ? `${text.slice(0, LONGEST)}…` : text;
}

function escaped(character: string): string {
  return `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`;
}
