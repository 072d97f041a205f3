/* `vouch keystore block|unblock|remove|blocked` */
import type { ExitCode } from '../exit-code.ts';
import { STORE_OPTIONS } from '../options.ts';
import type { StoreArguments, StoreOptions, TextFlag } from '../options.ts';
import type { Terminal } from '../terminal.ts';
import { showOperation } from './operate.ts';

export type ReasonOptions = StoreOptions & { readonly reason: TextFlag };

export const options: StoreOptions = STORE_OPTIONS;

export const reasonOptions: ReasonOptions = {
  ...STORE_OPTIONS,
  reason: { type: 'string', requiresArg: true, describe: 'why, for operators; it is never given out' },
};

export interface KeyArguments extends StoreArguments {
  readonly fingerprint: string;
  readonly reason?: string | undefined;
}

export async function block(args: KeyArguments, terminal: Terminal): Promise<ExitCode> {
  return showOperation(args, terminal, 'block', { fingerprint: args.fingerprint, reason: args.reason });
}

export async function remove(args: KeyArguments, terminal: Terminal): Promise<ExitCode> {
  return showOperation(args, terminal, 'remove', { fingerprint: args.fingerprint, reason: args.reason });
}

export async function unblock(args: KeyArguments, terminal: Terminal): Promise<ExitCode> {
  return showOperation(args, terminal, 'unblock', { fingerprint: args.fingerprint });
}

export async function blocked(args: StoreArguments, terminal: Terminal): Promise<ExitCode> {
  return showOperation(args, terminal, 'blocked');
}
