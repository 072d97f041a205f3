import { serverUrl } from '../hkp/client/server-url.ts';
import { systemAuthorities } from './doctor-server/authorities.ts';
import { examineServer } from './doctor-server/examine-server.ts';
import type { ServerReport } from './doctor-server/examine-server.ts';
import { SERVER_SEVERITIES } from './doctor-server/finding.ts';
import type { ServerFinding, ServerSeverity } from './doctor-server/finding.ts';
import { MAX_TOKEN_FILE_OCTETS } from './doctor-server/limits.ts';
import { readBounded } from './doctor-server/read-bounded.ts';
import { CliError } from './error.ts';
import { EXIT } from './exit-code.ts';
import type { ExitCode } from './exit-code.ts';
import { JSON_OUTPUT } from './options.ts';
import type { Switch, TextFlag } from './options.ts';
import { plural } from './plural.ts';
import { printable } from './printable.ts';
import type { Terminal } from './terminal.ts';
import { version } from './version.ts';

/** A type: yargs wants what has an index signature. */
export type DoctorServerOptions = {
  readonly server: TextFlag;
  readonly 'token-file': TextFlag;
  readonly search: TextFlag;
  readonly json: Switch;
};

export const options: DoctorServerOptions = {
  server: {
    type: 'string',
    requiresArg: true,
    describe: 'look at a keystore from outside, as the address that clients are given',
  },
  'token-file': { type: 'string', requiresArg: true, describe: 'with --server: file with a token to try' },
  search: {
    type: 'string',
    requiresArg: true,
    describe: 'with --server: text that finds keys there [default: its domain]',
  },
  json: JSON_OUTPUT,
};

export interface DoctorServerArguments {
  readonly server: string;
  readonly 'token-file': string | undefined;
  readonly search: string | undefined;
  readonly json: boolean | undefined;
}

/**
 * Says what stock clients will trip over at a server, the worst first. 10 when an error is among it, 69 when the
 * server cannot be reached.
 */
export async function run(args: DoctorServerArguments, terminal: Terminal): Promise<ExitCode> {
  const named = process.env['SSL_CERT_FILE'];
  const report = await examineServer({
    base: addressOf(args.server),
    token: await tokenIn(args['token-file']),
    search: args.search,
    now: Date.now,
    userAgent: `vouch/${version()}`,
    authorities: await systemAuthorities(named === '' ? undefined : named),
  });
  const findings = worstFirst(report.findings);
  const wrong = findings.some(({ severity }) => severity === 'error');
  if (args.json === true) await terminal.out(`${JSON.stringify({ ok: !wrong, findings })}\n`);
  else await terminal.out(textOf(findings));
  return exitCode(report, wrong);
}

/** A bare name is what `remote add` takes as well, and means https. */
function addressOf(text: string): URL {
  const url = serverUrl(text.includes('://') ? text : `https://${text}`);
  url.search = '';
  url.hash = '';
  return url;
}

async function tokenIn(file: string | undefined): Promise<string | undefined> {
  if (file === undefined) return undefined;
  const token = (await readBounded(file, MAX_TOKEN_FILE_OCTETS)).trim();
  if (/^[\x21-\x7E]+$/.test(token)) return token;
  throw new CliError('USAGE', `${file} does not hold one token and nothing else`);
}

function worstFirst(findings: readonly ServerFinding[]): ServerFinding[] {
  return SERVER_SEVERITIES.flatMap((severity) => findings.filter((one) => one.severity === severity));
}

function exitCode({ reached }: ServerReport, wrong: boolean): ExitCode {
  if (!reached) return EXIT.unavailable;
  return wrong ? EXIT.refusedByPolicy : EXIT.done;
}

const WORDS: Readonly<Record<ServerSeverity, string>> = {
  error: 'ERROR  ',
  warning: 'WARNING',
  note: 'NOTE   ',
  ok: 'OK     ',
};

function textOf(findings: readonly ServerFinding[]): string {
  const lines = findings.flatMap(({ severity, code, subject, text, fix }) => [
    `${WORDS[severity]} ${code}  ${printable(subject)}: ${printable(text)}`,
    ...(fix === undefined ? [] : [`        fix: ${printable(fix)}`]),
  ]);
  const count = (severity: ServerSeverity, word: string): string =>
    plural(findings.filter((one) => one.severity === severity).length, word);
  return [...lines, `${count('error', 'error')}, ${count('warning', 'warning')}`, ''].join('\n');
}
