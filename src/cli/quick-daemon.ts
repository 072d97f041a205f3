/* The daemon stays for as long as the host does, and what reading its words took would stay with it. */
import { plainWords } from './plain-words.ts';
import { quickly } from './quickly.ts';

/** The exit code; undefined when the words are not plain. `words` are those behind `daemon`. */
export async function quickDaemon(words: readonly string[]): Promise<number | undefined> {
  const { options, run } = await import('./daemon.ts');
  const given = plainWords(words, options);
  if (given === undefined || given.values.length > 0) return undefined;
  const { texts, switches } = given;
  const args = {
    policy: texts.get('policy')?.[0],
    socket: texts.get('socket')?.[0],
    config: texts.get('config')?.[0],
    'allow-rollback': switches.has('allow-rollback'),
    'trust-clock': switches.has('trust-clock'),
  };
  return quickly((terminal) => run(args, terminal));
}
