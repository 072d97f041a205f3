/*
 * `vouch verify` is run for every image that is about to be used, and half of the time that it takes for a
 * small one goes into loading yargs. A command line that says plainly what it wants is understood here; any
 * other is left to yargs, which explains what is wrong.
 */
import { parseArgs } from 'node:util';
import { splitJsonForm } from './json-form.ts';
import { reportFailure } from './report-failure.ts';
import { processTerminal } from './terminal.ts';
import { run } from './verify.ts';
import { VERIFY_OPTIONS } from './verify/options.ts';
import type { VerifyArguments } from './verify/options.ts';

/** Those that may be given several times. */
const LISTS: ReadonlySet<string> = new Set(['url', 'group-id', 'sif-id']);

/** The exit code; undefined when the words are not plain. `words` are those behind `verify`. */
export async function quickVerify(words: readonly string[]): Promise<number | undefined> {
  const args = plainArguments(words);
  if (args === undefined) return undefined;
  const terminal = processTerminal();
  try {
    return await run(args, terminal);
  } catch (error) {
    return reportFailure(error, terminal, Boolean(process.env['VOUCH_DEBUG']));
  }
}

/** What the words ask for, when yargs would understand the same by them. */
export function plainArguments(words: readonly string[]): VerifyArguments | undefined {
  const given = readWords(words);
  const [image, ...others] = given?.images ?? [];
  if (given === undefined || image === undefined || others.length > 0) return undefined;
  const { texts, switches } = given;
  const isSet = (name: string): true | undefined => switches.has(name) || undefined;
  return {
    image,
    local: isSet('local'),
    url: texts.get('url'),
    keysdir: texts.get('keysdir')?.[0],
    all: isSet('all'),
    'legacy-insecure': isSet('legacy-insecure'),
    'group-id': texts.get('group-id'),
    'sif-id': texts.get('sif-id'),
    policy: texts.get('policy')?.[0],
    key: texts.get('key')?.[0],
    certificate: texts.get('certificate')?.[0],
    'certificate-intermediates': texts.get('certificate-intermediates')?.[0],
    'certificate-roots': texts.get('certificate-roots')?.[0],
    json: isSet('json'),
    'json-singularity': isSet('json-singularity'),
  };
}

interface Given {
  readonly images: string[];
  readonly texts: Map<string, string[]>;
  readonly switches: Set<string>;
}

function readWords(words: readonly string[]): Given | undefined {
  const given: Given = { images: [], texts: new Map(), switches: new Set() };
  const read = wordsRead(words);
  return read?.every((word) => isPlain(word, given)) === true ? given : undefined;
}

/** Puts the word to the others, unless yargs should judge it: a lone dash, an empty word, a flag given twice. */
function isPlain({ flag, value }: Word, { images, texts, switches }: Given): boolean {
  if (value === undefined) {
    const first = !switches.has(flag ?? '');
    switches.add(flag ?? '');
    return first;
  }
  if (value === '' || value.startsWith('-')) return false;
  if (flag === undefined) {
    images.push(value);
    return true;
  }
  const before = texts.get(flag) ?? [];
  texts.set(flag, [...before, value]);
  return before.length === 0 || LISTS.has(flag);
}

/** A flag, with its value if it takes one, or a value alone. */
interface Word {
  readonly flag: string | undefined;
  readonly value: string | undefined;
}

interface Flag {
  readonly type: 'string' | 'boolean';
  readonly alias?: string;
}

/** Undefined for a flag that is not known, a value where none is taken or one is missing, and for `--`. */
function wordsRead(words: readonly string[]): Word[] | undefined {
  const options = Object.fromEntries(
    Object.entries(VERIFY_OPTIONS).map(([name, { type, alias }]: [string, Flag]) => [
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
