import { CliError } from './error.ts';

const SINGULARITY = '--json=singularity';

/**
 * `--json` is a switch with one form that has a value, which yargs has no word for: `--json IMAGE` must not
 * take the image for its value. Throws `USAGE` for any other value.
 */
export function splitJsonForm(words: readonly string[]): string[] {
  const end = words.indexOf('--');
  return words.map((word, i) => {
    if ((end !== -1 && i > end) || !word.startsWith('--json=')) return word;
    if (word === SINGULARITY) return '--json-singularity';
    throw new CliError('USAGE', `${word}: write --json, or for verify ${SINGULARITY}`);
  });
}
