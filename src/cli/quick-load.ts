/* `vouch keystore load` with plain words is understood without yargs: loading it takes as long as some hundred keys. */
import type { LoadArguments } from './keystore/load.ts';
import { plainWords } from './plain-words.ts';
import { quickly } from './quickly.ts';

/** The exit code; undefined when it is another command, or the words are not plain. `words` are those behind `keystore`. */
export async function quickLoad([command, ...words]: readonly string[]): Promise<number | undefined> {
  if (command !== 'load') return undefined;
  const { options, run } = await import('./keystore/load.ts');
  const args = plainArguments(words, options);
  return args === undefined ? undefined : quickly((terminal) => run(args, terminal));
}

/** What the words ask for, when yargs would understand the same by them. */
export function plainArguments(
  words: readonly string[],
  flags: Parameters<typeof plainWords>[1],
): LoadArguments | undefined {
  const given = plainWords(words, flags);
  if (given === undefined || given.values.length === 0) return undefined;
  const { values, texts, switches } = given;
  const isSet = (name: string): true | undefined => switches.has(name) || undefined;
  const text = (name: string): string | undefined => texts.get(name)?.[0];
  return {
    files: values,
    restart: isSet('restart'),
    refused: text('refused'),
    trusted: isSet('trusted'),
    data: text('data'),
    store: text('store'),
    config: text('config'),
    json: isSet('json'),
  };
}
