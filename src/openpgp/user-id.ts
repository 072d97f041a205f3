/* User IDs (RFC 9580 §5.11): octets that are by convention `Name (comment) <address>` in UTF-8. */

const ADDRESS = '[^\\s<>@"]+@[^\\s<>@"]+';
const IN_BRACKETS = new RegExp(`<(${ADDRESS})>`, 'g');
const BARE = new RegExp(`^${ADDRESS}$`);

/** The text of a user ID, malformed octets as U+FFFD. */
export function userIdText(body: Uint8Array): string {
  return Buffer.from(body.buffer, body.byteOffset, body.byteLength).toString('utf8');
}

/**
 * The e-mail address of a user ID: what stands between `<` and `>`, or the whole text when it is an
 * address. Undefined when there is none, and when there are several (draft-gallagher-openpgp-hkp-10
 * §5.1.9: more than one possible address is no match).
 */
export function emailOf(text: string): string | undefined {
  const trimmed = text.trim();
  if (BARE.test(trimmed)) return trimmed;
  const [first, second] = trimmed.matchAll(IN_BRACKETS);
  return second === undefined ? first?.[1] : undefined;
}
