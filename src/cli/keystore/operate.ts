import { randomBytes } from 'node:crypto';
import { createTokens } from '../../access/tokens.ts';
import { HttpError } from '../../http/error.ts';
import { askUnix } from '../../http/unix-client.ts';
import type { UnixAnswer } from '../../http/unix-client.ts';
import type { ServerConfig } from '../../config/server-config.ts';
import type { Log } from '../../log.ts';
import { OPERATION_PATH } from '../../server/admin-app.ts';
import { adminSocketPath } from '../../server/admin-socket.ts';
import { JobBook } from '../../server/job-book.ts';
import { JobLeases } from '../../server/job-leases.ts';
import { worksOf } from '../../server/jobs.ts';
import { LEASE_TIMES, MAX_OPERATION_ANSWER_OCTETS, OPERATION_TIMEOUT } from '../../server/limits.ts';
import { openStore } from '../../server/open-store.ts';
import type { OpenStore } from '../../server/open-store.ts';
import type { OperationAnswer, OperationParts } from '../../server/operation.ts';
import { operate, operationNamed } from '../../server/operations.ts';
import { peerWorks } from '../../server/peer-works.ts';
import { EXIT } from '../exit-code.ts';
import type { ExitCode } from '../exit-code.ts';
import type { StoreArguments } from '../options.ts';
import { printable } from '../printable.ts';
import type { Terminal } from '../terminal.ts';
import { version } from '../version.ts';
import { ServerRefusal } from './server-refusal.ts';
import { terminalLog } from './terminal-log.ts';
import { namedStore, unlocked } from './store.ts';

/**
 * Has an operation done: by the server that runs on the store, through its admin socket, or on the store itself
 * when none does. The answer is the same.
 */
export async function atStore(
  args: StoreArguments,
  name: string,
  given: Readonly<Record<string, unknown>>,
  log: Log,
): Promise<OperationAnswer> {
  const { config, address } = await namedStore(args);
  const asked = JSON.stringify(given);
  const answered = await askServer(config, name, asked);
  if (answered !== undefined) return answered;
  const create = operationNamed(name).makes;
  const store = await unlocked(address, () => openStore(address, { now: Date.now, create }));
  try {
    // Through JSON, as it is from a server.
    return await operate(name, JSON.parse(asked), partsOf(store, config, log));
  } finally {
    await store.keystore.close();
  }
}

/** `atStore`, and shows the answer: its lines, or its value with `--json`. */
export async function showOperation(
  args: StoreArguments,
  terminal: Terminal,
  name: string,
  given: Readonly<Record<string, unknown>> = {},
): Promise<ExitCode> {
  const { value, lines } = await atStore(args, name, given, terminalLog(terminal));
  const shown = args.json === true ? [JSON.stringify(value)] : lines.map(printable);
  await terminal.out(shown.map((line) => `${line}\n`).join(''));
  return EXIT.done;
}

function partsOf(store: OpenStore, config: ServerConfig, log: Log): OperationParts {
  const { keystore } = store;
  const settings = (): ServerConfig => config;
  const stopping = new AbortController().signal;
  const leases = store.shared ? new JobLeases({ keystore, log, times: LEASE_TIMES, stopping }) : undefined;
  const needs = { config: settings, log, now: Date.now };
  const exchange = { settings: config.peers, stopping, version: version() };
  const works = worksOf({ ...needs, store, peers: peerWorks(exchange, { ...needs, keystore }) });
  return {
    store,
    config: settings,
    tokens: createTokens(keystore, { now: Date.now, random: randomBytes }),
    book: new JobBook({ keystore, log, now: Date.now, leases }, works),
    now: Date.now,
    running: undefined,
  };
}

/** Undefined when no server runs on the store. */
export async function askServer(
  config: Pick<ServerConfig, 'data' | 'store'>,
  name: string,
  body: string,
): Promise<OperationAnswer | undefined> {
  let answer: UnixAnswer;
  try {
    answer = await askUnix({
      socketPath: adminSocketPath(config),
      method: 'POST',
      path: `${OPERATION_PATH}${name}`,
      body,
      timeout: OPERATION_TIMEOUT,
      maxOctets: MAX_OPERATION_ANSWER_OCTETS,
    });
  } catch (error) {
    if (isNobody(error)) return undefined;
    throw error;
  }
  return readAnswer(answer);
}

/** No socket, or one that nobody listens on any more. */
function isNobody(error: unknown): boolean {
  if (!(error instanceof HttpError) || error.code !== 'UNREACHABLE') return false;
  const { cause } = error;
  if (!(cause instanceof Error) || !('code' in cause)) return false;
  return cause.code === 'ENOENT' || cause.code === 'ECONNREFUSED' || cause.code === 'ENOTSOCK';
}

function readAnswer({ status, body }: UnixAnswer): OperationAnswer {
  let json: unknown;
  try {
    json = JSON.parse(body.toString('utf8'));
  } catch (cause) {
    throw new HttpError('UNREACHABLE', 'the server answered something else than JSON', { cause });
  }
  if (status === 200 && isAnswer(json)) return json;
  const error = isFields(json) && isFields(json['error']) ? json['error'] : {};
  const { room, code, message } = error;
  const words = typeof message === 'string' ? message : `the server answered ${status}`;
  throw new ServerRefusal(String(room), String(code), words);
}

function isFields(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null;
}

function isAnswer(value: unknown): value is OperationAnswer {
  if (!isFields(value) || !('value' in value)) return false;
  const { lines } = value;
  return Array.isArray(lines) && lines.every((line) => typeof line === 'string');
}
