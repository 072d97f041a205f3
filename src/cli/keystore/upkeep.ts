/* `vouch keystore backup|jobs|reload` */
import { resolve } from 'node:path';
import type { ExitCode } from '../exit-code.ts';
import { STORE_OPTIONS } from '../options.ts';
import type { StoreArguments, StoreOptions, TextFlag } from '../options.ts';
import type { Terminal } from '../terminal.ts';
import { showOperation } from './operate.ts';

export const options: StoreOptions = STORE_OPTIONS;

export const jobsOptions: StoreOptions & { readonly run: TextFlag } = {
  ...STORE_OPTIONS,
  run: { type: 'string', requiresArg: true, describe: 'run this job now' },
};

export interface BackupArguments extends StoreArguments {
  readonly file: string | undefined;
}

export interface JobsArguments extends StoreArguments {
  readonly run: string | undefined;
}

/** To a file, or into the folder of the settings, as the job does it. */
export async function backup(args: BackupArguments, terminal: Terminal): Promise<ExitCode> {
  // A server has a working folder of its own.
  const file = args.file === undefined ? undefined : resolve(args.file);
  return showOperation(args, terminal, 'backup', { file });
}

export async function jobs(args: JobsArguments, terminal: Terminal): Promise<ExitCode> {
  return showOperation(args, terminal, 'jobs', { run: args.run });
}

export async function reload(args: StoreArguments, terminal: Terminal): Promise<ExitCode> {
  return showOperation(args, terminal, 'reload');
}
