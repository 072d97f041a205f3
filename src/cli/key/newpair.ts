import { generateSecretKey } from '../../openpgp/generate.ts';
import type { NewKeyAlgorithm } from '../../openpgp/generate.ts';
import type { SecretKey } from '../../openpgp/secret-key.ts';
import { HkpClientError } from '../../hkp/client/error.ts';
import { CliError } from '../error.ts';
import { EXIT } from '../exit-code.ts';
import type { ExitCode } from '../exit-code.ts';
import type { NumberFlag, TextFlag } from '../options.ts';
import { printable } from '../printable.ts';
import type { Terminal } from '../terminal.ts';
import { hostRings } from './keyrings.ts';
import type { PlaceArguments } from './keyrings.ts';
import { keystoreUrls } from './keystores.ts';
import { KEYSDIR, URL_FLAG } from './options.ts';
import type { ShortSwitch, ShortTextFlag, UrlArgument } from './options.ts';
import { askNewPassphrase, namedPassphrase, PASSWORD, PASSWORD_FILE } from './passphrase.ts';
import type { PassphraseArguments } from './passphrase.ts';
import { askYesNo, Prompter } from './prompter.ts';
import { pushTo } from './push.ts';

const text = (alias: string, describe: string): ShortTextFlag => ({
  type: 'string',
  alias,
  requiresArg: true,
  describe,
});

export const options: {
  readonly name: ShortTextFlag;
  readonly email: ShortTextFlag;
  readonly comment: ShortTextFlag;
  readonly 'password-file': TextFlag;
  readonly password: typeof PASSWORD;
  readonly push: ShortSwitch;
  readonly algorithm: TextFlag;
  readonly 'bit-length': NumberFlag & { readonly alias: string };
  readonly url: ShortTextFlag;
  readonly keysdir: ShortTextFlag;
} = {
  name: text('N', 'name of the key owner'),
  email: text('E', 'e-mail address of the key owner'),
  comment: {
    type: 'string',
    alias: 'C',
    requiresArg: true,
    describe: 'comment in the user ID, commonly empty',
  },
  'password-file': PASSWORD_FILE,
  password: PASSWORD,
  push: {
    type: 'boolean',
    alias: 'U',
    describe: 'push the public key to the keystore; --no-push does not ask',
  },
  algorithm: {
    type: 'string',
    requiresArg: true,
    describe: 'rsa, ed25519, p256, or ed25519-v6, which Go tools cannot use [default: rsa]',
  },
  'bit-length': { type: 'number', alias: 'b', requiresArg: true, describe: 'of an RSA key [default: 4096]' },
  url: URL_FLAG,
  keysdir: KEYSDIR,
};

export interface NewpairArguments extends PlaceArguments, PassphraseArguments {
  readonly name: string | undefined;
  readonly email: string | undefined;
  readonly comment: string | undefined;
  readonly push: boolean | undefined;
  readonly algorithm: string | undefined;
  readonly 'bit-length': number | undefined;
  readonly url: UrlArgument;
}

/** What is asked for when the command line does not say it. */
interface Wishes {
  readonly name: string;
  readonly email: string;
  readonly comment: string;
  readonly passphrase: string;
  readonly push: boolean;
}

/** Makes a key for signing images, and pushes its public part when that is wished for. */
export async function run(args: NewpairArguments, terminal: Terminal): Promise<ExitCode> {
  const algorithm = chosenAlgorithm(args);
  const wishes = await readWishes(args, terminal);
  if (wishes.passphrase === '') {
    terminal.err('WARNING: if there is no password set, your key is not secure\n');
  }
  const rings = hostRings(args, terminal);
  await terminal.out('Generating Entity and OpenPGP Key Pair... ');
  const key = await generateSecretKey({ ...wishes, algorithm, created: Math.floor(Date.now() / 1000) });
  await rings.secretRings[0].add(key);
  await rings.publicRings[0].add([key.certificate]);
  await terminal.out('done\n');
  terminal.err(`INFO:    The new key has the fingerprint ${key.fingerprint}\n`);
  return offer(key, { push: wishes.push, url: args.url }, terminal);
}

/** The key is made and stays whatever becomes of the push. Singularity ends with 0 when one fails; this does not. */
async function offer(
  key: SecretKey,
  { push, url }: { push: boolean; url: UrlArgument },
  terminal: Terminal,
): Promise<ExitCode> {
  if (!push) {
    await terminal.out('NOT pushing newly created key to keystore\n');
    return EXIT.done;
  }
  try {
    await pushTo(url, key.certificate, terminal);
    await terminal.out('Key successfully pushed to keystore\n');
    return EXIT.done;
  } catch (error) {
    if (!(error instanceof HkpClientError)) throw error;
    terminal.err(`Failed to push newly created key to keystore: ${printable(error.message)}\n`);
    terminal.err(`INFO:    Try again with "vouch key push ${key.fingerprint}"\n`);
    return EXIT.unavailable;
  }
}

function chosenAlgorithm({ algorithm = 'rsa', 'bit-length': bits }: NewpairArguments): NewKeyAlgorithm {
  if (algorithm === 'rsa') return { name: 'rsa', bits: bits ?? 4096 };
  if (bits !== undefined)
    throw new CliError('USAGE', `--bit-length is for RSA keys; ${algorithm} has one size`);
  if (algorithm === 'ed25519' || algorithm === 'p256' || algorithm === 'ed25519-v6')
    return { name: algorithm };
  throw new CliError('USAGE', `--algorithm ${algorithm}: choose rsa, ed25519, p256 or ed25519-v6`);
}

async function readWishes(args: NewpairArguments, terminal: Terminal): Promise<Wishes> {
  const named = await namedPassphrase(args, terminal);
  const canPush = keystoreUrls(args.url).length > 0;
  if (args.push === true && !canPush) {
    throw new CliError('USAGE', 'push where? Give --url https://keys.example.org, or set VOUCH_KEYSERVER');
  }
  if (args.algorithm === 'ed25519-v6') {
    terminal.err('WARNING: Singularity, Apptainer and siftool cannot verify what a version 6 key signs\n');
  }
  const prompter = new Prompter(process.stdin, terminal);
  try {
    const name = args.name ?? (await prompter.ask('Enter your name (e.g., John Doe) : '));
    const email =
      args.email ?? (await prompter.ask('Enter your email address (e.g., john.doe@example.com) : '));
    const comment =
      args.comment ?? (await prompter.ask('Enter optional comment (e.g., development keys) : '));
    const passphrase = named ?? (await askNewPassphrase(prompter, 'Enter a passphrase : '));
    const push = args.push ?? (canPush && (await askPush(prompter)));
    return { name, email, comment, passphrase, push };
  } finally {
    prompter.close();
  }
}

/** A script that does not say it does not publish. */
async function askPush(prompter: Prompter): Promise<boolean> {
  if (!prompter.interactive) return false;
  return askYesNo(prompter, 'Would you like to push it to the keystore? [Y,n] ', 'yes');
}
