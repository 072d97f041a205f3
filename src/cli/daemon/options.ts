/* The flags of the commands that ask the daemon. */
import { BINDINGS } from '../../policy/policy.ts';
import type { Binding } from '../../policy/policy.ts';
import { parseDuration } from '../../duration.ts';
import { CliError } from '../error.ts';
import type { TextFlag } from '../options.ts';
import { DEFAULT_WAIT, MAX_CONTEXT, MAX_WAIT } from './limits.ts';

export const SOCKET: TextFlag = {
  type: 'string',
  requiresArg: true,
  describe: "the daemon's socket [default: VOUCH_SOCKET, or where it usually is]",
};

export const WAIT: TextFlag = {
  type: 'string',
  requiresArg: true,
  describe: 'how long the daemon may read the images, such as 30s or 5m [default: 30s]',
};

export const MIN_BINDING: TextFlag = {
  type: 'string',
  requiresArg: true,
  describe: `how strongly the answer has to be bound to the bytes: ${BINDINGS.join(', ')}`,
};

export const EXPECT: TextFlag = {
  type: 'string',
  requiresArg: true,
  describe: 'SHA-256 that the one image must have',
};

/** Milliseconds. Throws `USAGE`. */
export function waitOf(text: string | undefined): number {
  if (text === undefined) return DEFAULT_WAIT;
  const wait = parseDuration(text);
  if (wait === undefined || wait > MAX_WAIT) {
    throw new CliError(
      'USAGE',
      `--wait ${JSON.stringify(text)}: write a time such as 30s or 5m, at most 10m`,
    );
  }
  return wait;
}

export function bindingOf(text: string | undefined): Binding | undefined {
  if (text === undefined) return undefined;
  const binding = BINDINGS.find((one) => one === text);
  if (binding === undefined) {
    throw new CliError('USAGE', `--min-binding ${JSON.stringify(text)}: it is one of ${BINDINGS.join(', ')}`);
  }
  return binding;
}

/** Lower-case hexadecimal. */
export function digestOf(flag: string, text: string): string {
  const digest = text.toLowerCase().replace(/^sha256[:.]/, '');
  if (!/^[0-9a-f]{64}$/.test(digest)) {
    throw new CliError('USAGE', `${flag} ${JSON.stringify(text)}: a SHA-256 has 64 hexadecimal digits`);
  }
  return digest;
}

/** Upper-case hexadecimal. */
export function fingerprintOf(text: string): string {
  const fingerprint = text.replace(/^0x/i, '').replaceAll(' ', '').toUpperCase();
  if (!/^(?:[0-9A-F]{40}|[0-9A-F]{64})$/.test(fingerprint)) {
    throw new CliError('USAGE', `${JSON.stringify(text)} is no fingerprint: those have 40 or 64 digits`);
  }
  return fingerprint;
}

/** yargs hands on a list when the flag is given twice. */
export function contextOf(given: string | readonly string[] | undefined): Record<string, string> {
  const pairs = given === undefined ? [] : typeof given === 'string' ? [given] : given;
  const context = new Map<string, string>();
  for (const pair of pairs) {
    const [, name = '', value = ''] = /^([A-Za-z0-9_.-]+)=(.*)$/s.exec(pair) ?? [];
    if (name === '') throw new CliError('USAGE', `--context ${JSON.stringify(pair)}: write NAME=VALUE`);
    if (context.has(name)) throw new CliError('USAGE', `--context ${name} is given twice`);
    context.set(name, value);
  }
  if (context.size > MAX_CONTEXT) {
    throw new CliError('USAGE', `--context can be given ${MAX_CONTEXT} times at most`);
  }
  return Object.fromEntries(context);
}
