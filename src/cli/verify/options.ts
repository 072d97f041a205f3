/* The flags of `vouch verify`: Singularity's, as far as they have a meaning here. */
import { JSON_OUTPUT } from '../options.ts';
import type { Switch, TextFlag } from '../options.ts';
import { KEYSDIR, URL_FLAG } from '../key/options.ts';
import type { ShortSwitch, ShortTextFlag } from '../key/options.ts';
import type { Repeated } from './selection.ts';

/** Given twice, yargs makes a list of it. */
export const GROUP_ID: ShortTextFlag = {
  type: 'string',
  alias: 'g',
  requiresArg: true,
  describe: 'only this group of objects; may be given several times',
};

export const SIF_ID: ShortTextFlag = {
  type: 'string',
  alias: 'i',
  requiresArg: true,
  describe: 'only the object of this ID; may be given several times',
};

const file = (describe: string): TextFlag => ({ type: 'string', requiresArg: true, describe });

export type VerifyOptions = {
  readonly local: ShortSwitch;
  readonly url: ShortTextFlag;
  readonly keysdir: ShortTextFlag;
  readonly 'group-id': ShortTextFlag;
  readonly 'sif-id': ShortTextFlag;
  readonly all: ShortSwitch;
  readonly 'legacy-insecure': Switch;
  readonly policy: TextFlag;
  readonly key: TextFlag;
  readonly certificate: TextFlag;
  readonly 'certificate-intermediates': TextFlag;
  readonly 'certificate-roots': TextFlag;
  readonly json: Switch & { readonly alias: string };
  readonly 'json-singularity': Switch;
};

export const VERIFY_OPTIONS: VerifyOptions = {
  local: { type: 'boolean', alias: 'l', describe: 'ask no keystore: keys and revocations of this host only' },
  url: URL_FLAG,
  keysdir: KEYSDIR,
  'group-id': GROUP_ID,
  'sif-id': SIF_ID,
  all: { type: 'boolean', alias: 'a', describe: 'all groups, which is the default' },
  'legacy-insecure': {
    type: 'boolean',
    describe: 'show signatures of Singularity 3.0 to 3.5 (with --all, of every object), which verify nothing',
  },
  policy: file('policy file that says who has to have signed; answers as the trust daemon would'),
  key: file('PEM file of a public key that must have signed, instead of keys of a keyring'),
  certificate: file('PEM file of a code-signing certificate (X.509) whose key must have signed'),
  'certificate-intermediates': file('PEM file of certificates between --certificate and a root'),
  'certificate-roots': file('PEM file of the roots that --certificate must lead to'),
  json: { ...JSON_OUTPUT, alias: 'j' },
  'json-singularity': {
    type: 'boolean',
    describe: 'answer in the JSON that Singularity writes; also --json=singularity',
  },
};

export const VERIFY_FORM: string = 'IMAGE [--local | --url URL …] [--group-id N] [--sif-id N] [--json]';

export interface VerifyArguments {
  readonly image: string;
  readonly local: boolean | undefined;
  readonly url: Repeated;
  readonly keysdir: string | undefined;
  readonly all: boolean | undefined;
  readonly 'legacy-insecure': boolean | undefined;
  readonly 'group-id': Repeated;
  readonly 'sif-id': Repeated;
  readonly policy: string | undefined;
  readonly key: string | undefined;
  readonly certificate: string | undefined;
  readonly 'certificate-intermediates': string | undefined;
  readonly 'certificate-roots': string | undefined;
  readonly json: boolean | undefined;
  readonly 'json-singularity': boolean | undefined;
}
