/**
 * Stands for `-` among the words of a command line, since yargs drops a lone one. No path holds a NUL, and
 * no word of a command line can.
 */
const STANDARD_STREAM = '\0-';

/** The words as yargs is to see them. */
export function keepLoneDashes(words: readonly string[]): string[] {
  return words.map((word) => (word === '-' ? STANDARD_STREAM : word));
}

/** The word as it was written. */
export function asWritten(word: string): string {
  return word === STANDARD_STREAM ? '-' : word;
}
