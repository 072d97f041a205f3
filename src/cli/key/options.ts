/* The flags of `vouch key`: Singularity's, and Apptainer's where they differ. */
import type { Switch, TextFlag } from '../options.ts';

export interface ShortTextFlag extends TextFlag {
  readonly alias: string;
}

export interface ShortSwitch extends Switch {
  readonly alias: string;
}

export const URL_FLAG: ShortTextFlag = {
  type: 'string',
  alias: 'u',
  requiresArg: true,
  describe: 'keystore to ask, may be given several times [default: VOUCH_KEYSERVER]',
};

/** Given twice, yargs makes a list of it. */
export type UrlArgument = string | readonly string[] | undefined;

export const KEYSDIR: ShortTextFlag = {
  type: 'string',
  alias: 'd',
  requiresArg: true,
  describe: "folder of the keyrings [default: Singularity's and Apptainer's]",
};

export const GLOBAL: ShortSwitch = {
  type: 'boolean',
  alias: 'g',
  describe: "the administrator's keyring for all users",
};

export const SECRET: ShortSwitch & { readonly alias: string } = {
  type: 'boolean',
  alias: 's',
  describe: 'secret keys instead of public ones',
};

/** Singularity's other word for --secret. */
export const PRIVATE: Switch & { readonly hidden: true } = {
  type: 'boolean',
  hidden: true,
  describe: 'the same as --secret',
};

export interface SecretArguments {
  readonly secret: boolean | undefined;
  readonly private: boolean | undefined;
}

export function wantsSecret(args: SecretArguments): boolean {
  return args.secret === true || args.private === true;
}
