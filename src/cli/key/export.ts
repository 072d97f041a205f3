import { resolve } from 'node:path';
import { writeAtomically } from '../../keyring/atomic-write.ts';
import { KeyringError } from '../../keyring/error.ts';
import { armor } from '../../openpgp/armor.ts';
import { serializeCertificate } from '../../openpgp/certificate.ts';
import type { Certificate } from '../../openpgp/certificate.ts';
import { mergeCertificates } from '../../openpgp/merge.ts';
import { certificateState } from '../../openpgp/state.ts';
import { CliError } from '../error.ts';
import { EXIT } from '../exit-code.ts';
import type { ExitCode } from '../exit-code.ts';
import type { Switch, TextFlag } from '../options.ts';
import { asWritten } from '../standard-stream.ts';
import type { Terminal } from '../terminal.ts';
import { heldKey, heldKeys } from './held-keys.ts';
import { hostRings, refuseGlobalSecrets } from './keyrings.ts';
import type { PlaceArguments } from './keyrings.ts';
import { keyListing } from './listing.ts';
import { GLOBAL, KEYSDIR, PRIVATE, SECRET, wantsSecret } from './options.ts';
import type { SecretArguments, ShortSwitch, ShortTextFlag } from './options.ts';
import { Prompter } from './prompter.ts';
import { heldSecret, heldSecrets } from './secret-keys.ts';

export const options: {
  readonly secret: ShortSwitch;
  readonly private: Switch;
  readonly armor: ShortSwitch;
  readonly fingerprint: TextFlag;
  readonly global: ShortSwitch;
  readonly keysdir: ShortTextFlag;
} = {
  secret: SECRET,
  private: PRIVATE,
  armor: { type: 'boolean', alias: 'a', describe: 'write ASCII armor' },
  fingerprint: { type: 'string', requiresArg: true, describe: 'the key to export, instead of a question' },
  global: GLOBAL,
  keysdir: KEYSDIR,
};

export interface ExportArguments extends PlaceArguments, SecretArguments {
  readonly file: string;
  readonly armor: boolean | undefined;
  readonly fingerprint: string | undefined;
  readonly global: boolean | undefined;
}

/** What goes into the file. */
interface Exported {
  readonly fingerprint: string;
  readonly octets: Uint8Array;
}

/**
 * Writes one key to a file. A secret key goes out as it is kept, under its passphrase: it is not opened, and
 * nobody is asked for it.
 */
export async function run(args: ExportArguments, terminal: Terminal): Promise<ExitCode> {
  const secret = wantsSecret(args);
  refuseGlobalSecrets(args, secret);
  const path = asWritten(args.file);
  const { fingerprint, octets } = await (secret
    ? chooseSecret(args, terminal)
    : choosePublic(args, terminal));
  const label = secret ? 'PRIVATE KEY BLOCK' : 'PUBLIC KEY BLOCK';
  const content = args.armor === true ? Buffer.from(armor(octets, label)) : octets;
  if (path === '-') await terminal.out(content);
  else {
    await write(path, content, secret ? 0o600 : 0o644);
    const which = secret ? 'Private' : 'Public';
    await terminal.out(`${which} key with fingerprint ${fingerprint} correctly exported to file: ${path}\n`);
  }
  return EXIT.done;
}

async function choosePublic(args: ExportArguments, terminal: Terminal): Promise<Exported> {
  const rings = hostRings(args, terminal).publicRings;
  const held = await heldKeys(rings, terminal);
  const text =
    args.fingerprint ??
    (await askNumber(
      held.map(({ certificate }) => certificate),
      'Enter # of public key to use : ',
      terminal,
    ));
  const certificate = heldKey(held, text, rings)
    .map((one) => one.certificate)
    .reduce((all, one) => mergeCertificates(all, one));
  return { fingerprint: certificate.primary.key.fingerprint, octets: serializeCertificate(certificate) };
}

async function chooseSecret(args: ExportArguments, terminal: Terminal): Promise<Exported> {
  const rings = hostRings(args, terminal).secretRings;
  const held = await heldSecrets(rings, terminal);
  const text =
    args.fingerprint ??
    (await askNumber(
      held.map(({ key }) => key.certificate),
      'Enter # of private key to use : ',
      terminal,
    ));
  const [chosen] = heldSecret(held, text, rings);
  if (chosen === undefined) throw new KeyringError('NO_SUCH_KEY', `there is no secret key ${text}`);
  return { fingerprint: chosen.key.fingerprint, octets: chosen.key.serialize() };
}

/** Shows the keys and asks for the number of one. Returns its fingerprint. */
async function askNumber(
  certificates: readonly Certificate[],
  question: string,
  terminal: Terminal,
): Promise<string> {
  if (certificates.length === 0) {
    throw new KeyringError('NO_SUCH_KEY', 'key export command failed: keyring is empty');
  }
  for (const [i, certificate] of certificates.entries()) {
    terminal.err(keyListing(i, certificateState(certificate, Date.now() / 1000)));
  }
  const prompter = new Prompter(process.stdin, terminal);
  try {
    for (;;) {
      const answer = await prompter.ask(question);
      const chosen = /^\d{1,6}$/.test(answer) ? certificates[Number(answer)] : undefined;
      if (chosen !== undefined) return chosen.primary.key.fingerprint;
      terminal.err(`Please give a number from 0 to ${certificates.length - 1}\n`);
    }
  } finally {
    prompter.close();
  }
}

async function write(path: string, content: Uint8Array, mode: number): Promise<void> {
  const target = resolve(path);
  try {
    await writeAtomically(target, content, { mode });
  } catch (cause) {
    throw new CliError('UNWRITABLE_FILE', `cannot write ${path}`, { cause });
  }
}
