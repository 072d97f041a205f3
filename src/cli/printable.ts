/**
 * Text of unknown origin as a terminal may show it: what would move its cursor, change its colours or turn
 * the order of letters round is replaced.
 */
export function printable(text: string): string {
  return text.replace(/[\p{Cc}\p{Cf}\u2028\u2029]/gu, '\uFFFD');
}
