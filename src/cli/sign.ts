import type { NewSignature, SignReport } from '../integrity/sign-image.ts';
import { signImage } from '../integrity/sign-image.ts';
import { EXIT } from './exit-code.ts';
import type { ExitCode } from './exit-code.ts';
import { KEYSDIR } from './key/options.ts';
import type { ShortSwitch, ShortTextFlag } from './key/options.ts';
import { PASSWORD, PASSWORD_FILE } from './key/passphrase.ts';
import { JSON_OUTPUT } from './options.ts';
import type { Switch, TextFlag } from './options.ts';
import { printable } from './printable.ts';
import { progress } from './progress.ts';
import type { Progress } from './progress.ts';
import { onFile } from './sif/image-file.ts';
import { chooseKey } from './sign/choose-key.ts';
import type { ChosenKey, KeyArguments } from './sign/choose-key.ts';
import { asWritten } from './standard-stream.ts';
import type { Terminal } from './terminal.ts';
import { GROUP_ID, SIF_ID } from './verify/options.ts';
import { selectionOf } from './verify/selection.ts';
import type { Repeated } from './verify/selection.ts';

export const options: {
  readonly 'group-id': ShortTextFlag;
  readonly 'sif-id': ShortTextFlag;
  readonly keyidx: ShortTextFlag;
  readonly fingerprint: TextFlag;
  readonly key: TextFlag;
  readonly keysdir: ShortTextFlag;
  readonly password: Omit<ShortTextFlag, 'requiresArg'>;
  readonly 'password-file': TextFlag;
  readonly all: ShortSwitch;
  readonly json: Switch;
} = {
  'group-id': GROUP_ID,
  'sif-id': SIF_ID,
  keyidx: {
    type: 'string',
    alias: 'k',
    requiresArg: true,
    describe: 'number of the key to sign with, as "vouch key list --secret" shows it',
  },
  fingerprint: { type: 'string', requiresArg: true, describe: 'fingerprint of the key to sign with' },
  key: {
    type: 'string',
    requiresArg: true,
    describe: 'PEM file of a private key to sign with, without OpenPGP',
  },
  keysdir: KEYSDIR,
  password: PASSWORD,
  'password-file': PASSWORD_FILE,
  all: { type: 'boolean', alias: 'a', describe: 'all groups, which is the default' },
  json: JSON_OUTPUT,
};

export const form = 'IMAGE [--group-id N] [--sif-id N] [--keyidx N | --fingerprint FP | --key PEM]';

export interface SignArguments extends KeyArguments {
  readonly image: string;
  readonly 'group-id': Repeated;
  readonly 'sif-id': Repeated;
  readonly json: boolean | undefined;
}

/** Adds a signature to an image for each group, or for those parts that were asked for. */
export async function run(given: SignArguments, terminal: Terminal): Promise<ExitCode> {
  const args = { ...given, image: asWritten(given.image) };
  const selection = selectionOf(args['group-id'], args['sif-id']);
  const now = Math.floor(Date.now() / 1000);
  const chosen = await chooseKey(args, now, terminal);
  terminal.err(`INFO:    Signing image with ${printable(chosen.description)}\n`);
  warnOfNewKinds(chosen, terminal);
  const report = await sign(args.image, { signer: chosen.signer, selection, change: { now } }, terminal);
  for (const id of report.ungrouped) {
    terminal.err(
      `WARNING: object ${id} is in no group: no signature covers it, and the image will not verify\n`,
    );
  }
  if (args.json === true) await terminal.out(answer(args.image, chosen, report.signatures));
  terminal.err(`INFO:    Signature created and applied to image '${printable(args.image)}'\n`);
  return EXIT.done;
}

async function sign(
  path: string,
  given: Omit<Parameters<typeof signImage>[1], 'onProgress'>,
  terminal: Terminal,
): Promise<SignReport> {
  let bar: Progress | undefined;
  try {
    return await onFile(path, 'write', () =>
      signImage(path, {
        ...given,
        onProgress: (done, total) => {
          bar ??= progress(terminal, total, () => performance.now());
          bar.update(done, 'read');
        },
      }),
    );
  } finally {
    bar?.end();
  }
}

function warnOfNewKinds({ signer }: ChosenKey, terminal: Terminal): void {
  if (signer.kind !== 'pgp' || signer.key.certificate.primary.key.version !== 6) return;
  terminal.err(
    'WARNING: this is a key of version 6: Singularity and Apptainer cannot verify its signatures, Vouch can\n',
  );
}

function answer(image: string, { signer }: ChosenKey, signatures: readonly NewSignature[]): string {
  const by =
    signer.kind === 'pgp'
      ? { kind: 'pgp', fingerprint: signer.key.fingerprint }
      : { kind: 'key', keyIds: signer.keys.map(({ keyId }) => keyId) };
  return `${JSON.stringify({ image, signer: by, signatures })}\n`;
}
