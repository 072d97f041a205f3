import type { Selection } from '../../integrity/task.ts';
import { CliError } from '../error.ts';

/** A flag that may be given several times: yargs makes a list of it then. */
export type Repeated = string | readonly string[] | undefined;

function asList(given: Repeated): readonly string[] {
  if (given === undefined) return [];
  return typeof given === 'string' ? [given] : given;
}

/** `--group-id` and `--sif-id`: both together ask for both. Throws `USAGE`. */
export function selectionOf(groups: Repeated, objects: Repeated): Selection {
  return {
    groups: asList(groups).map((text) => idOf('--group-id', text)),
    objects: asList(objects).map((text) => idOf('--sif-id', text)),
  };
}

/** Group numbers and object IDs have 32 bits; 0 is none. */
function idOf(flag: string, text: string): number {
  const id = /^\d{1,10}$/.test(text) ? Number(text) : 0;
  if (id >= 1 && id <= 0xffff_ffff) return id;
  throw new CliError('USAGE', `${flag} takes a number from 1, not "${text}"; vouch sif list shows them`);
}
