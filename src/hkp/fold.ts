/*
 * How text is made comparable, for what is stored and for what is asked alike: what a person typed finds
 * what another person wrote, whatever the case and the composition of its letters.
 */

/** Compatibility composition and no case. `ß` and `SS`, `ﬁ` and `FI`, NFC and NFD become the same. */
export function foldText(text: string): string {
  return text.normalize('NFKC').toUpperCase().toLowerCase().normalize('NFKC');
}

/** Folded runs of letters, marks and digits, each once, in the order of the text. */
export function wordsOf(text: string): string[] {
  const runs = foldText(text).match(/[\p{L}\p{M}\p{N}]+/gu) ?? [];
  return [...new Set(runs)];
}
