import type { ExitCode } from '../exit-code.ts';
import { STORE_OPTIONS } from '../options.ts';
import type { StoreArguments, StoreOptions } from '../options.ts';
import type { Terminal } from '../terminal.ts';
import { showOperation } from './operate.ts';

export const options: StoreOptions = STORE_OPTIONS;

/** Says how much is held and since when, what jobs came to, and what the limits turned away. */
export async function run(args: StoreArguments, terminal: Terminal): Promise<ExitCode> {
  return showOperation(args, terminal, 'status');
}
