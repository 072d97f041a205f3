import { nearest } from '../nearest.ts';
import { CliError } from './error.ts';

/** The command that was being understood when something was wrong with the words it was called with. */
export interface Chosen {
  /** `vouch keystore load`. */
  readonly command: string;
  /** What may follow it, as a usage line has it. */
  readonly form: string;
  /** Names of its commands, or of its flags without dashes. */
  readonly known: readonly string[];
}

/** The parser's message about a command line in our words, with a suggestion where a word is nearly known. */
export function usageError(
  message: string,
  { command, form, known }: Chosen,
  words: readonly string[],
): CliError {
  const text = message.startsWith(TOO_FEW) ? `${required(form)} is missing` : explain(message, known, words);
  return new CliError('USAGE', `${text}\nUsage: ${command} ${form}`);
}

/** How yargs begins to say that a word is missing which is not a flag; it does not say which. */
const TOO_FEW = 'Not enough non-option arguments';

/** What a usage line asks for outside brackets: `IMAGE`, `IMAGE or ID`. */
function required(form: string): string {
  const words = form.replace(/\[.*?\]/g, ' ').match(/[A-Z]{2,}/g) ?? [];
  return words.length === 0 ? 'a command or argument' : words.join(' or ');
}

function explain(message: string, known: readonly string[], words: readonly string[]): string {
  const valueless = /^Not enough arguments following: (.*)$/.exec(message)?.[1];
  if (valueless !== undefined) return `--${valueless} needs a value`;
  const list = /^Unknown (?:argument|command)s?: (.*)$/s.exec(message)?.[1];
  // A misspelt "--per-fil" is named in both spellings, with a dash and in camel case.
  const unknown = list?.split(', ').filter((word) => !/[a-z][A-Z]/.test(word)) ?? [];
  const [first] = unknown;
  if (first === undefined) return message;
  const dashes = words.some((word) => word === `--${first}` || word.startsWith(`--${first}=`)) ? '--' : '';
  const meant = nearest(first, known);
  const advice = meant === undefined ? '' : `; did you mean ${dashes}${meant}?`;
  return `unknown ${dashes === '' ? 'command or argument' : 'flag'} ${dashes}${unknown.join(', ')}${advice}`;
}
