import type { Argv, InferredOptionTypes, Options } from 'yargs';
import type { Terminal } from './terminal.ts';
import type { Chosen } from './usage-error.ts';

/** What a run finds out while its words are understood. */
export interface Run {
  readonly terminal: Terminal;
  chosen: Chosen;
  /** Flags of the chosen command that may be given several times. */
  lists?: readonly string[];
  exitCode: number;
}

const GLOBAL_FLAGS = ['debug', 'help', 'version'];

/** Declares the flags of the command that was chosen, and remembers it for what may be wrong with them. */
export function choose<Flags extends Record<string, Options>>(
  y: Argv,
  state: Run,
  { command, form, flags }: { command: string; form: string; flags: Flags },
): Argv<InferredOptionTypes<Flags>> {
  state.chosen = { command, form, known: [...Object.keys(flags), ...GLOBAL_FLAGS] };
  state.lists = Object.keys(flags).filter((flag) => flags[flag]?.array === true);
  return y.options(flags);
}
