import { existsSync, statSync } from 'node:fs';
import { geteuid } from 'node:process';
import { auditHost } from '../admission/host/audit-host.ts';
import { collectHost } from '../admission/host/collect-host.ts';
import type { DaemonPlaces } from '../admission/host/collect-host.ts';
import type { HostFinding, Severity } from '../admission/host/finding.ts';
import type { DaemonAnswer } from '../admission/host/host-facts.ts';
import type { DaemonConfig } from '../config/daemon-config.ts';
import { loadDaemonConfig, SYSTEM_FILE } from '../config/load-daemon-config.ts';
import { readPolicyFiles } from '../config/policy-files.ts';
import { VouchError } from '../error.ts';
import { HttpError } from '../http/error.ts';
import { askUnix } from '../http/unix-client.ts';
import { parsePolicy } from '../policy/parse-policy.ts';
import { EXIT } from './exit-code.ts';
import type { ExitCode } from './exit-code.ts';
import { JSON_OUTPUT } from './options.ts';
import type { Switch, TextFlag } from './options.ts';
import { plural } from './plural.ts';
import { printable } from './printable.ts';
import type { Terminal } from './terminal.ts';

export const options: { readonly json: Switch; readonly config: TextFlag } = {
  json: JSON_OUTPUT,
  config: {
    type: 'string',
    requiresArg: true,
    describe: "the daemon's settings [default: VOUCH_DAEMON_CONFIG, or /etc/vouch/daemon.toml]",
  },
};

export interface DoctorArguments {
  readonly json: boolean | undefined;
  readonly config: string | undefined;
}

/** Milliseconds that the daemon has to say whether it is ready. */
const ANSWER_WAIT = 5_000;
const MAX_ANSWER_OCTETS = 64 * 1024;

/** Looks at this host and says what is wrong with it, the worst first. 10 when an error is among it. */
export async function run(args: DoctorArguments, terminal: Terminal): Promise<ExitCode> {
  const config = configOf(args.config);
  const { folders, daemon } = config === undefined ? { folders: [] } : await daemonPlaces(config);
  const facts = await collectHost({
    root: '/',
    searchPath: (process.env['PATH'] ?? '').split(':'),
    folders,
    ...(daemon !== undefined && { daemon }),
  });
  const findings = auditHost(facts);
  const wrong = findings.some(({ severity }) => severity === 'error');
  if (args.json === true) await terminal.out(`${JSON.stringify({ ok: !wrong, findings })}\n`);
  else await terminal.out(textOf(findings));
  return wrong ? EXIT.refusedByPolicy : EXIT.done;
}

/** Undefined: there is no daemon on this host, as far as anybody says. */
function configOf(named: string | undefined): DaemonConfig | undefined {
  const said = named ?? (process.env['VOUCH_DAEMON_CONFIG'] || undefined);
  if (said === undefined && !existsSync(SYSTEM_FILE)) return undefined;
  const flags = { config: said };
  // Whoever owns the settings runs the daemon; root when that cannot be told.
  const uid = statSync(said ?? SYSTEM_FILE, { throwIfNoEntry: false })?.uid ?? 0;
  return loadDaemonConfig({ flags, environment: process.env, uid });
}

async function daemonPlaces(config: DaemonConfig): Promise<{ folders: string[]; daemon: DaemonPlaces }> {
  const { socket, state, policy, keys, sweep, promote } = config;
  const uid = statSync(state, { throwIfNoEntry: false })?.uid ?? geteuid?.() ?? 0;
  const read = readPolicy(policy, uid);
  return {
    folders: [...read.scopes, ...sweep.folders, ...(promote.store === undefined ? [] : [promote.store])],
    daemon: {
      uid,
      socket,
      state,
      policy,
      keys,
      answer: await askDaemon(socket),
      ...(read.fault !== undefined && { policyFault: read.fault }),
    },
  };
}

/** The folders that rules are for, or why there are none. */
function readPolicy(path: string, uid: number): { scopes: string[]; fault?: string } {
  try {
    const { rules } = parsePolicy(readPolicyFiles(path, { owners: [...new Set([0, uid])] }));
    return { scopes: rules.flatMap(({ scope }) => scope ?? []) };
  } catch (error) {
    if (!(error instanceof VouchError)) throw error;
    return { scopes: [], fault: error.message.replace(/\s*\n\s*/g, '; ') };
  }
}

async function askDaemon(socketPath: string): Promise<DaemonAnswer> {
  const question = { socketPath, method: 'GET', path: '/readyz', timeout: ANSWER_WAIT } as const;
  try {
    const { status, body } = await askUnix({ ...question, maxOctets: MAX_ANSWER_OCTETS });
    if (status === 200) return { state: 'ready' };
    return { state: 'not-ready', detail: body.toString('utf8').slice(0, 1000).trim() };
  } catch (error) {
    if (!(error instanceof HttpError)) throw error;
    const { cause } = error;
    const code = cause instanceof Error && 'code' in cause ? cause.code : undefined;
    if (code === 'EACCES' || code === 'EPERM') return { state: 'not-permitted' };
    return { state: 'silent', detail: error.message };
  }
}

const WORDS: Readonly<Record<Severity, string>> = { error: 'ERROR  ', warning: 'WARNING', note: 'NOTE   ' };

function textOf(findings: readonly HostFinding[]): string {
  const lines = findings.flatMap(({ severity, code, subject, text, fix }) => [
    `${WORDS[severity]} ${code}  ${printable(subject)}: ${printable(text)}`,
    ...(fix === undefined ? [] : [`        fix: ${printable(fix)}`]),
  ]);
  const count = (severity: Severity, word: string): string =>
    plural(findings.filter((one) => one.severity === severity).length, word);
  return [...lines, `${count('error', 'error')}, ${count('warning', 'warning')}`, ''].join('\n');
}
