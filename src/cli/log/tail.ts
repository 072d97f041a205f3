import { followLines } from '../../admission/log/follow-lines.ts';
import { lastLines } from '../../admission/log/last-lines.ts';
import { MAX_LAST_LINES } from '../../admission/log/limits.ts';
import type { LogLine } from '../../admission/log/log-line.ts';
import { CliError } from '../error.ts';
import { EXIT } from '../exit-code.ts';
import type { ExitCode } from '../exit-code.ts';
import { JSON_OUTPUT } from '../options.ts';
import type { NumberFlag, Switch } from '../options.ts';
import type { Terminal } from '../terminal.ts';
import { lineText } from './line-text.ts';
import { LOG_OPTIONS, logFolder } from './log-folder.ts';
import type { LogArguments, LogOptions } from './log-folder.ts';
import { unreadableLines } from './unreadable.ts';

type TailOptions = LogOptions & {
  readonly lines: NumberFlag & { readonly alias: 'n'; readonly default: number };
  readonly follow: Switch & { readonly alias: 'f' };
  readonly json: Switch;
};

export const options: TailOptions = {
  ...LOG_OPTIONS,
  lines: { type: 'number', requiresArg: true, alias: 'n', default: 10, describe: 'how many lines' },
  follow: { type: 'boolean', alias: 'f', describe: 'go on with lines as they are written' },
  json: JSON_OUTPUT,
};

export const form = '[-n N] [-f] [--log DIR | --config FILE] [--json]';

export interface TailArguments extends LogArguments {
  readonly lines: number;
  readonly follow: boolean | undefined;
  readonly json: boolean | undefined;
}

/** Shows the newest lines of the log. */
export async function run(args: TailArguments, terminal: Terminal): Promise<ExitCode> {
  const { lines: count } = args;
  if (!Number.isInteger(count) || count < 0 || count > MAX_LAST_LINES) {
    throw new CliError('USAGE', `-n must be a whole number from 0 to ${MAX_LAST_LINES}`);
  }
  const folder = await logFolder(args);
  const show = (line: LogLine): Promise<void> =>
    terminal.out(args.json === true ? `${JSON.stringify(line)}\n` : lineText(line));
  const last = await lastLines(folder, Math.max(1, count));
  for (const line of count === 0 ? [] : last) await show(line);
  if (args.follow !== true) return EXIT.done;
  const stop = new AbortController();
  process.once('SIGINT', () => stop.abort());
  const { onUnreadable } = unreadableLines(terminal);
  const fromSeq = (last.at(-1)?.seq ?? 0) + 1;
  for await (const line of followLines(folder, { fromSeq, signal: stop.signal, onUnreadable }))
    await show(line);
  return EXIT.done;
}
