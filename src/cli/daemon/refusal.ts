import { AdmissionError } from '../../admission/error.ts';
import type { AdmissionErrorCode } from '../../admission/error.ts';
import { ConfigError } from '../../config/error.ts';
import type { ConfigErrorCode } from '../../config/error.ts';
import { PolicyError } from '../../policy/error.ts';
import type { PolicyErrorCode } from '../../policy/error.ts';
import { CliError } from '../error.ts';
import { isKeyOf } from './answer-fields.ts';

/** Errors of a question, which the daemon names by the codes of its rooms. */
const ADMISSION: Partial<Record<AdmissionErrorCode, true>> = {
  QUEUE_FULL: true,
  NOT_READY: true,
  NOT_FOUND: true,
  BAD_REQUEST: true,
  FORBIDDEN: true,
  PROMOTE_FAILED: true,
};

const POLICY: Readonly<Record<PolicyErrorCode, true>> = {
  BAD_SYNTAX: true,
  UNKNOWN_KEY: true,
  BAD_VALUE: true,
  INCONSISTENT: true,
  BAD_ECL: true,
  BAD_CASES: true,
};

/** Of the policy's files. Two codes are the policy's too, and mean the same. */
const CONFIG: Partial<Record<ConfigErrorCode, true>> = {
  CONFIG_NOT_FOUND: true,
  CONFIG_UNREADABLE: true,
  CONFIG_UNTRUSTED: true,
};

/** What follows the daemon's own words, for those who can do something about it. */
const ADVICE: Partial<Record<AdmissionErrorCode, string>> = {
  QUEUE_FULL: '; it has too much to do: ask again',
  NOT_READY: '; "vouch status" says what is missing',
  FORBIDDEN: '; ask through the admin socket',
};

/** The error that an answer with another status than 200 stands for. */
export function refusalOf(status: number, json: unknown, socketPath: string): Error {
  const { code, message } = errorOf(json);
  if (code === undefined) {
    const what = `${socketPath} answers as no daemon of Vouch does (status ${status}); name its socket with --socket`;
    return new CliError('NO_DAEMON', what);
  }
  if (isKeyOf(ADMISSION, code))
    return new AdmissionError(code, `the daemon: ${message}${ADVICE[code] ?? ''}`);
  if (isKeyOf(POLICY, code)) return new PolicyError(code, message);
  if (isKeyOf(CONFIG, code)) return new ConfigError(code, message);
  return new CliError('DAEMON_REFUSED', `the daemon: ${message} (${code})`);
}

function errorOf(json: unknown): { code?: string; message: string } {
  const error = property(json, 'error');
  const code = property(error, 'code');
  const message = property(error, 'message');
  return {
    ...(typeof code === 'string' && { code }),
    message: typeof message === 'string' ? message : 'gives no reason',
  };
}

function property(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null
    ? Object.getOwnPropertyDescriptor(value, name)?.value
    : undefined;
}
