import { hostname } from 'node:os';
import { toOcsf } from '../../admission/log/ocsf.ts';
import { readLines } from '../../admission/log/read-lines.ts';
import type { DecisionLine } from '../../admission/log/log-line.ts';
import { toVsa } from '../../admission/log/vsa.ts';
import { CliError } from '../error.ts';
import { EXIT } from '../exit-code.ts';
import type { ExitCode } from '../exit-code.ts';
import type { TextFlag } from '../options.ts';
import type { Terminal } from '../terminal.ts';
import { version } from '../version.ts';
import { LOG_OPTIONS, logFolder } from './log-folder.ts';
import type { LogArguments, LogOptions } from './log-folder.ts';
import { QUERY_FORM, QUERY_OPTIONS, selectionOf } from './query-options.ts';
import type { QueryArguments, QueryOptions } from './query-options.ts';
import { unreadableLines } from './unreadable.ts';

type ExportOptions = LogOptions & QueryOptions & { readonly format: TextFlag; readonly verifier: TextFlag };

export const options: ExportOptions = {
  ...LOG_OPTIONS,
  ...QUERY_OPTIONS,
  format: {
    type: 'string',
    requiresArg: true,
    describe: 'vsa: SLSA verification summaries; ocsf: security events',
  },
  verifier: {
    type: 'string',
    requiresArg: true,
    describe: 'URI of this host in verification summaries [default: vouch:host:HOSTNAME]',
  },
};

export const form: string = `--format vsa|ocsf [--verifier URI] ${QUERY_FORM} [--log DIR | --config FILE]`;

export interface ExportArguments extends LogArguments {
  readonly format: string | undefined;
  readonly verifier: string | undefined;
}

/** Writes decisions in a form of others, one JSON object a line. */
export async function run(args: ExportArguments & QueryArguments, terminal: Terminal): Promise<ExitCode> {
  const convert = converter(args);
  const selection = selectionOf(args, Date.now());
  const folder = await logFolder(args);
  const unreadable = unreadableLines(terminal);
  for await (const line of readLines(folder, { ...selection, onUnreadable: unreadable.onUnreadable })) {
    if (line.kind !== 'decision') continue;
    for (const converted of convert(line)) await terminal.out(`${JSON.stringify(converted)}\n`);
  }
  unreadable.end();
  return EXIT.done;
}

function converter({ format, verifier }: ExportArguments): (line: DecisionLine) => readonly object[] {
  if (format === 'vsa') {
    const by = verifier ?? `vouch:host:${encodeURIComponent(hostname())}`;
    if (!/^[a-z][a-z0-9+.-]*:\S+$/i.test(by)) throw new CliError('USAGE', '--verifier must be a URI');
    return (line) => toVsa(line, { verifier: by, version: version() });
  }
  if (format === 'ocsf') {
    if (verifier !== undefined) throw new CliError('USAGE', '--verifier is for --format vsa');
    return (line) => toOcsf(line, { hostname: hostname(), version: version() });
  }
  throw new CliError('USAGE', 'name a form: --format vsa or --format ocsf');
}
