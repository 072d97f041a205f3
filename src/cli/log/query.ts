import { readLines } from '../../admission/log/read-lines.ts';
import { EXIT } from '../exit-code.ts';
import type { ExitCode } from '../exit-code.ts';
import { JSON_OUTPUT } from '../options.ts';
import type { Switch } from '../options.ts';
import type { Terminal } from '../terminal.ts';
import { lineText } from './line-text.ts';
import { LOG_OPTIONS, logFolder } from './log-folder.ts';
import type { LogArguments, LogOptions } from './log-folder.ts';
import { QUERY_FORM, QUERY_OPTIONS, selectionOf } from './query-options.ts';
import type { QueryArguments, QueryOptions } from './query-options.ts';
import { unreadableLines } from './unreadable.ts';

export const options: LogOptions & QueryOptions & { readonly json: Switch } = {
  ...LOG_OPTIONS,
  ...QUERY_OPTIONS,
  json: JSON_OUTPUT,
};

export const form: string = `${QUERY_FORM} [--log DIR | --config FILE] [--json]`;

/** Shows the decisions that are asked for; none is an answer too. */
export async function run(
  args: LogArguments & QueryArguments & { readonly json: boolean | undefined },
  terminal: Terminal,
): Promise<ExitCode> {
  const selection = selectionOf(args, Date.now());
  const folder = await logFolder(args);
  const unreadable = unreadableLines(terminal);
  for await (const line of readLines(folder, { ...selection, onUnreadable: unreadable.onUnreadable })) {
    await terminal.out(args.json === true ? `${JSON.stringify(line)}\n` : lineText(line));
  }
  unreadable.end();
  return EXIT.done;
}
