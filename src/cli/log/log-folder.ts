import { stat } from 'node:fs/promises';
import { loadDaemonConfig } from '../../config/load-daemon-config.ts';
import { CliError } from '../error.ts';
import type { TextFlag } from '../options.ts';

/** What every command on a log takes. A type: yargs wants what has an index signature. */
export type LogOptions = { readonly log: TextFlag; readonly config: TextFlag };

export const LOG_OPTIONS: LogOptions = {
  log: { type: 'string', requiresArg: true, describe: 'folder of the decision log' },
  config: {
    type: 'string',
    requiresArg: true,
    describe: 'settings file of the daemon, which names the folder',
  },
};

export interface LogArguments {
  readonly log: string | undefined;
  readonly config: string | undefined;
}

/** The folder that is named, or else the daemon's. Throws `USAGE`, `NO_SUCH_FILE` and `ConfigError`. */
export async function logFolder({ log, config }: LogArguments): Promise<string> {
  if (log !== undefined && config !== undefined)
    throw new CliError('USAGE', 'name --log or --config, not both');
  const { env } = process;
  const named = log ?? (config === undefined ? env['VOUCH_LOG'] || undefined : undefined);
  const folder = named ?? loadDaemonConfig({ flags: { config }, environment: env }).log.folder;
  const found = await stat(folder).catch((cause: unknown) => {
    const denied = cause instanceof Error && 'code' in cause && cause.code === 'EACCES';
    if (denied)
      throw new CliError('UNREADABLE_FILE', `the decision log in ${folder} is not readable for you`);
    throw new CliError('NO_SUCH_FILE', `there is no decision log in ${folder}; name its folder with --log`, {
      cause,
    });
  });
  if (!found.isDirectory())
    throw new CliError('NO_SUCH_FILE', `${folder} is not the folder of a decision log`);
  return folder;
}
