import { readFile } from 'node:fs/promises';
import { AdmissionError } from '../../admission/error.ts';
import { verifyDecisionLog } from '../../admission/log/verify-log.ts';
import type { LogReport } from '../../admission/log/verify-log.ts';
import { CliError } from '../error.ts';
import { EXIT } from '../exit-code.ts';
import type { ExitCode } from '../exit-code.ts';
import { JSON_OUTPUT } from '../options.ts';
import type { Switch, TextFlag } from '../options.ts';
import { plural } from '../plural.ts';
import { printable } from '../printable.ts';
import type { Terminal } from '../terminal.ts';
import { LOG_OPTIONS, logFolder } from './log-folder.ts';
import type { LogArguments, LogOptions } from './log-folder.ts';

type VerifyLogOptions = LogOptions & { readonly key: TextFlag; readonly json: Switch };

export const options: VerifyLogOptions = {
  ...LOG_OPTIONS,
  key: {
    type: 'string',
    requiresArg: true,
    describe: 'public key of the log, kept elsewhere [default: the one beside the log]',
  },
  json: JSON_OUTPUT,
};

export const form = '[--key FILE] [--log DIR | --config FILE] [--json]';

export interface VerifyLogArguments extends LogArguments {
  readonly key: string | undefined;
  readonly json: boolean | undefined;
}

/** Checks the whole log. Throws `LOG_BROKEN`, exit 65, when it was changed or is damaged. */
export async function run(args: VerifyLogArguments, terminal: Terminal): Promise<ExitCode> {
  const folder = await logFolder(args);
  const publicKey = args.key === undefined ? undefined : await keyFile(args.key);
  const report = await verifyDecisionLog(folder, publicKey === undefined ? {} : { publicKey });
  const sound = report.problemCount === 0;
  if (args.json === true) {
    await terminal.out(`${JSON.stringify({ folder, sound, ...report })}\n`);
  } else await terminal.out(reportText(report, args.key !== undefined));
  const [first] = report.problems;
  if (first === undefined) return EXIT.done;
  throw new AdmissionError(
    'LOG_BROKEN',
    `the decision log is broken at ${folder}/${first.file}:${first.line}: ${first.text}`,
  );
}

function reportText(report: LogReport, ownKey: boolean): string {
  const { lines, files, decisions, events, checkpoints, firstSeq = 0, last, unsigned } = report;
  const kinds = `${plural(decisions, 'decision')}, ${plural(events, 'event')}`;
  const rows: readonly (readonly [string, string])[] = [
    ['Lines', `${lines} in ${plural(files, 'file')}: ${kinds}`],
    ['Numbers', `${firstSeq} to ${last?.seq ?? 0}${firstSeq > 1 ? '; older files are gone' : ''}`],
    ['Last hash', last?.hash ?? 'none'],
    ['Checkpoints', String(checkpoints)],
    ...signedRows(report, ownKey),
    ['Not yet signed', plural(unsigned, 'line')],
    ...openRows(report),
  ];
  const table = rows.map(([name, value]) => `${`${name}:`.padEnd(16)}${printable(value)}\n`).join('');
  return `${table}${verdictText(report)}`;
}

function signedRows({ signed }: LogReport, ownKey: boolean): (readonly [string, string])[] {
  if (signed === undefined) return [['Signed up to', 'nothing is signed']];
  return [
    ['Signed up to', `line ${signed.seq}, ${signed.time}`],
    ['Signing key', `${signed.key}${ownKey ? '' : ' (found beside the log)'}`],
  ];
}

function openRows({ openOctets }: LogReport): (readonly [string, string])[] {
  return openOctets === 0 ? [] : [['At the end', `${plural(openOctets, 'octet')} of an unfinished line`]];
}

function verdictText({ problems, problemCount, signed }: LogReport): string {
  const told = problems.map(({ file, line, text }) => `${printable(file)}:${line}: ${printable(text)}\n`);
  const untold = problemCount - problems.length;
  if (untold > 0) told.push(`and ${plural(untold, 'more problem')}\n`);
  if (told.length > 0) return told.join('');
  return signed === undefined
    ? 'The chain of lines is whole, but no checkpoint signs it yet.\n'
    : 'Sound: up to the last checkpoint no line was changed, added or removed.\n';
}

async function keyFile(path: string): Promise<string> {
  try {
    return await readFile(path, 'latin1');
  } catch (cause) {
    const missing = cause instanceof Error && 'code' in cause && cause.code === 'ENOENT';
    throw new CliError(missing ? 'NO_SUCH_FILE' : 'UNREADABLE_FILE', `cannot read the key ${path}`, {
      cause,
    });
  }
}
