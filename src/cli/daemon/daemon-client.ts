/* Asks the daemon. Whatever is not its answer becomes an error that says what to do. */
import { getuid } from 'node:process';
import { HttpError } from '../../http/error.ts';
import { askUnix } from '../../http/unix-client.ts';
import type { UnixAnswer } from '../../http/unix-client.ts';
import { CliError } from '../error.ts';
import { AnswerFields } from './answer-fields.ts';
import { GRACE, MAX_ANSWER_OCTETS } from './limits.ts';
import { refusalOf } from './refusal.ts';
import { daemonSocket } from './socket.ts';

export interface Question {
  /** Milliseconds that the daemon may take. */
  readonly wait?: number;
  /** Sent as JSON; without it the question is a GET. */
  readonly body?: object;
}

/** The daemon's answer, as it came and to be read. */
export interface DaemonAnswer {
  readonly json: unknown;
  readonly fields: AnswerFields;
}

export class DaemonClient {
  readonly socketPath: string;

  /** `named`: as `--socket` has it. Throws `NO_DAEMON` when no socket is there. */
  constructor(named: string | undefined) {
    this.socketPath = daemonSocket({ named, environment: process.env, uid: getuid?.() ?? 0 });
  }

  /**
   * Throws `NO_DAEMON` for what is no answer, and the daemon's own errors: `AdmissionError`, `PolicyError`,
   * `DAEMON_REFUSED`.
   */
  async ask(path: string, { wait = GRACE, body }: Question = {}): Promise<DaemonAnswer> {
    return readAnswer(await this.#exchange(path, wait + GRACE, body), this.socketPath);
  }

  async #exchange(path: string, timeout: number, body: object | undefined): Promise<UnixAnswer> {
    const { socketPath } = this;
    const asked = { socketPath, path, timeout, maxOctets: MAX_ANSWER_OCTETS };
    try {
      return await askUnix(
        body === undefined
          ? { ...asked, method: 'GET' }
          : { ...asked, method: 'POST', body: JSON.stringify(body) },
      );
    } catch (cause) {
      if (!(cause instanceof HttpError)) throw cause;
      throw new CliError('NO_DAEMON', `no answer from the daemon at ${socketPath}: ${advice(cause)}`, {
        cause,
      });
    }
  }
}

/** Throws the daemon's own errors, and `NO_DAEMON` for what is no answer of a daemon. */
export function readAnswer({ status, body }: UnixAnswer, socketPath: string): DaemonAnswer {
  const json = parse(body);
  if (status === 200 && json !== undefined) return { json, fields: new AnswerFields(json, 'its answer') };
  throw refusalOf(status, json, socketPath);
}

/** Undefined when it is no JSON. */
function parse(octets: Buffer): unknown {
  try {
    return JSON.parse(octets.toString('utf8'));
  } catch {
    return undefined;
  }
}

function advice(error: HttpError): string {
  const { cause } = error;
  const code = cause instanceof Error && 'code' in cause ? cause.code : undefined;
  if (code === 'ENOENT') return 'there is no such socket; start it (vouch daemon)';
  if (code === 'ECONNREFUSED') return 'nobody listens there any more; start it (vouch daemon)';
  if (code === 'EACCES' || code === 'EPERM') {
    return 'that socket is not for this user; the administrator can make one for you (POST /v1/callers)';
  }
  if (error.code === 'ANSWER_LATE') return `${error.message}; it has too much to do, or hangs`;
  return error.message;
}
