import { checkStore } from '../../server/check-store.ts';
import { EXIT } from '../exit-code.ts';
import type { ExitCode } from '../exit-code.ts';
import { STORE_OPTIONS } from '../options.ts';
import type { StoreArguments, StoreOptions, Switch } from '../options.ts';
import { plural } from '../plural.ts';
import { progress } from '../progress.ts';
import type { Terminal } from '../terminal.ts';
import { checkReport } from './check-report.ts';
import { expectedTerms } from './expected-terms.ts';
import { namedStore, unlocked } from './store.ts';

type CheckOptions = StoreOptions & { readonly repair: Switch };

export const options: CheckOptions = {
  ...STORE_OPTIONS,
  repair: { type: 'boolean', describe: 'put right what can be; no certificate is ever deleted' },
};

export interface CheckArguments extends StoreArguments {
  readonly repair: boolean | undefined;
}

/** Exit 0: nothing is wrong (any more). 65: something is, and `--repair` was not given or cannot help. */
export async function run(args: CheckArguments, terminal: Terminal): Promise<ExitCode> {
  const { address, place } = await namedStore(args);
  const bar = progress(terminal, undefined, Date.now);
  const report = await unlocked(address, () =>
    checkStore(address, {
      now: Date.now,
      repair: args.repair === true,
      terms: expectedTerms,
      progress: (rows) => bar.update(rows, `${plural(rows, 'row')} checked`),
    }),
  ).finally(() => bar.end());
  await terminal.out(
    args.json === true ? `${JSON.stringify({ store: place, ...report })}\n` : checkReport(place, report),
  );
  return report.found === report.repaired ? EXIT.done : EXIT.badInput;
}
