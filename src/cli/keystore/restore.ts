import { checkStore } from '../../server/check-store.ts';
import { restoreStore } from '../../server/restore-store.ts';
import { EXIT } from '../exit-code.ts';
import type { ExitCode } from '../exit-code.ts';
import { STORE_OPTIONS } from '../options.ts';
import type { StoreArguments, StoreOptions } from '../options.ts';
import { plural } from '../plural.ts';
import type { Terminal } from '../terminal.ts';
import { checkReport } from './check-report.ts';
import { expectedTerms } from './expected-terms.ts';
import { namedStore } from './store.ts';

export const options: StoreOptions = STORE_OPTIONS;

export interface RestoreArguments extends StoreArguments {
  readonly file: string;
}

/** Makes a store from a backup where there is none, and checks it. Exit 65: the check found something. */
export async function run(args: RestoreArguments, terminal: Terminal): Promise<ExitCode> {
  const { address, place } = await namedStore(args);
  const { counts, time } = await restoreStore(address, args.file);
  const report = await checkStore(address, { now: Date.now, repair: false, terms: expectedTerms });
  const made = new Date(time).toISOString();
  if (args.json === true) {
    await terminal.out(`${JSON.stringify({ store: place, made, ...counts, check: report })}\n`);
  } else {
    const held = `${plural(counts.certificates, 'certificate')}, ${plural(counts.tombstones, 'tombstone')}`;
    await terminal.out(`Restored ${held} and all tokens of ${made} to ${place}.\n`);
    await terminal.out(checkReport(place, report));
  }
  return report.found === 0 ? EXIT.done : EXIT.badInput;
}
