/* Command lines that say plainly what they want, understood without yargs: loading it takes longer than most work. */
import { parseArgs } from 'node:util';
import { splitJsonForm } from './json-form.ts';

/** What words say. Values are those that belong to no flag. */
export interface PlainWords {
  readonly values: string[];
  readonly texts: Map<string, string[]>;
  readonly switches: Set<string>;
}

export interface PlainFlag {
  readonly type: 'string' | 'boolean';
  readonly alias?: string;
}

/**
 * What the words behind a command say, when yargs would understand the same by them; undefined when they are not plain.
 * `lists` names the flags that may be given several times.
 */
export function plainWords(
  words: readonly string[],
  flags: Readonly<Record<string, PlainFlag>>,
  lists: ReadonlySet<string> = new Set(),
): PlainWords | undefined {
  const given: PlainWords = { values: [], texts: new Map(), switches: new Set() };
  const read = wordsRead(words, flags);
  return read?.every((word) => isPlain(word, given, lists)) === true ? given : undefined;
}

/** Puts the word to the others, unless yargs should judge it: a lone dash, an empty word, a flag given twice. */
function isPlain(
  { flag, value }: Word,
  { values, texts, switches }: PlainWords,
  lists: ReadonlySet<string>,
): boolean {
  if (value === undefined) {
    const first = !switches.has(flag ?? '');
    switches.add(flag ?? '');
    return first;
  }
  if (value === '' || value.startsWith('-')) return false;
  if (flag === undefined) {
    values.push(value);
    return true;
  }
  const before = texts.get(flag) ?? [];
  texts.set(flag, [...before, value]);
  return before.length === 0 || lists.has(flag);
}

/** A flag, with its value if it takes one, or a value alone. */
interface Word {
  readonly flag: string | undefined;
  readonly value: string | undefined;
}

/** Undefined for a flag that is not known, a value where none is taken or one is missing, and for `--`. */
function wordsRead(words: readonly string[], flags: Readonly<Record<string, PlainFlag>>): Word[] | undefined {
  const options = Object.fromEntries(
    Object.entries(flags).map(([name, { type, alias }]) => [
      name,
      { type, multiple: true, ...(alias !== undefined && { short: alias }) },
    ]),
  );
  if (words.includes('--')) return undefined;
  try {
    const args = splitJsonForm(words);
    const { tokens } = parseArgs({ args, options, allowPositionals: true, tokens: true });
    return tokens.map((token) => ({
      flag: token.kind === 'option' ? token.name : undefined,
      value: token.kind === 'option-terminator' ? undefined : token.value,
    }));
  } catch {
    return undefined;
  }
}
