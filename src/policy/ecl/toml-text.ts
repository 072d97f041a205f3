/* Pieces of TOML that are safe to write whatever the text is. */

/** A basic string (TOML 1.0). */
export function tomlString(text: string): string {
  // TOML takes JSON's escapes; DEL is the one character that JSON leaves and TOML forbids.
  return JSON.stringify(text).replace(/\u007F/g, String.raw`\u007F`);
}

export function tomlStrings(texts: readonly string[]): string {
  return `[${texts.map(tomlString).join(', ')}]`;
}

/** Text of unknown origin in a comment: it cannot end the line, nor change how a terminal shows it. */
export function tomlComment(text: string): string {
  return `# ${text.replace(/[\p{Cc}\p{Cf}\u2028\u2029]/gu, '\uFFFD')}`;
}
