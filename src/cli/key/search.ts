import type { IndexEntry } from '../../hkp/client/index-answer.ts';
import { EXIT } from '../exit-code.ts';
import type { ExitCode } from '../exit-code.ts';
import { JSON_OUTPUT } from '../options.ts';
import type { Switch } from '../options.ts';
import type { Terminal } from '../terminal.ts';
import { askEach, keystores } from './keystores.ts';
import { URL_FLAG } from './options.ts';
import type { ShortSwitch, ShortTextFlag, UrlArgument } from './options.ts';
import { longResults, resultRecord, shortResults } from './search-results.ts';

export const options: {
  readonly url: ShortTextFlag;
  readonly 'long-list': ShortSwitch;
  readonly json: Switch;
} = {
  url: URL_FLAG,
  'long-list': { type: 'boolean', alias: 'l', describe: 'show fingerprints, dates and states' },
  json: JSON_OUTPUT,
};

export interface SearchArguments {
  readonly text: string;
  readonly url: UrlArgument;
  readonly 'long-list': boolean | undefined;
  readonly json: boolean | undefined;
}

/** Shows what keystores say they have: a claim, until the key itself is pulled. */
export async function run(args: SearchArguments, terminal: Terminal): Promise<ExitCode> {
  const answers = await askEach(keystores(args.url), (client) => client.search(args.text), terminal);
  const entries = once(answers.flatMap(({ value }) => value.entries));
  if (args.json === true) {
    await terminal.out(`${JSON.stringify(entries.map(resultRecord))}\n`);
    return entries.length > 0 ? EXIT.done : EXIT.noInput;
  }
  if (entries.length === 0) {
    terminal.err(`vouch: search failed: no matching keys found\n`);
    return EXIT.noInput;
  }
  await terminal.out(args['long-list'] === true ? longResults(entries) : shortResults(entries));
  if (answers.some(({ value }) => value.more)) {
    terminal.err('WARNING: there are more; search for something narrower\n');
  }
  return EXIT.done;
}

/** The first that was said of each. */
function once(entries: readonly IndexEntry[]): IndexEntry[] {
  const byId = new Map<string, IndexEntry>();
  for (const entry of entries) if (!byId.has(entry.id)) byId.set(entry.id, entry);
  return [...byId.values()];
}
