/*
 * `vouch verify` is run for every image that is about to be used, and half of the time that it takes for a
 * small one goes into loading yargs. A command line that says plainly what it wants is understood here; any
 * other is left to yargs, which explains what is wrong.
 */
import { plainWords } from './plain-words.ts';
import { quickly } from './quickly.ts';
import { run } from './verify.ts';
import { VERIFY_OPTIONS } from './verify/options.ts';
import type { VerifyArguments } from './verify/options.ts';

/** Those that may be given several times. */
const LISTS: ReadonlySet<string> = new Set(['url', 'group-id', 'sif-id']);

/** The exit code; undefined when the words are not plain. `words` are those behind `verify`. */
export async function quickVerify(words: readonly string[]): Promise<number | undefined> {
  const args = plainArguments(words);
  return args === undefined ? undefined : quickly((terminal) => run(args, terminal));
}

/** What the words ask for, when yargs would understand the same by them. */
export function plainArguments(words: readonly string[]): VerifyArguments | undefined {
  const given = plainWords(words, VERIFY_OPTIONS, LISTS);
  const [image, ...others] = given?.values ?? [];
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
