/* `vouch serve` with plain words is understood without yargs, which takes longer to load than the server to open. */
import { quickly } from './quickly.ts';
import { run } from './serve.ts';
import type { ServeArguments } from './serve.ts';

/** The exit code; undefined when the words are not plain. `words` are those behind `serve`. */
export async function quickServe(words: readonly string[]): Promise<number | undefined> {
  const args = plainArguments(words);
  return args === undefined ? undefined : quickly((terminal) => run(args, terminal));
}

const FLAGS: ReadonlySet<string> = new Set(['--listen', '--data', '--store', '--config']);

/** What the words ask for, when yargs would understand the same by them: pairs of a flag and its value. */
export function plainArguments(words: readonly string[]): ServeArguments | undefined {
  const given = new Map<string, string>();
  for (let at = 0; at < words.length; at += 2) {
    const [flag = '', value = ''] = [words[at], words[at + 1]];
    if (!FLAGS.has(flag) || given.has(flag) || value === '' || value.startsWith('-')) return undefined;
    given.set(flag, value);
  }
  return {
    listen: given.get('--listen'),
    data: given.get('--data'),
    store: given.get('--store'),
    config: given.get('--config'),
  };
}
