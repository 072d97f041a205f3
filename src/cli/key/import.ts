import type { Certificate } from '../../openpgp/certificate.ts';
import { OpenPgpError } from '../../openpgp/error.ts';
import { SECRET_KEY, readPacketHeader } from '../../openpgp/packet.ts';
import { readSecretKeys } from '../../openpgp/secret-key.ts';
import type { SecretKey } from '../../openpgp/secret-key.ts';
import { checkKey } from '../../keyring/check-key.ts';
import { KeyringError } from '../../keyring/error.ts';
import { splitRing } from '../../keyring/ring-bytes.ts';
import { CliError } from '../error.ts';
import { EXIT } from '../exit-code.ts';
import type { ExitCode } from '../exit-code.ts';
import type { Switch, TextFlag } from '../options.ts';
import { asWritten } from '../standard-stream.ts';
import type { Terminal } from '../terminal.ts';
import { readKeyFile } from './key-file.ts';
import { hostRings } from './keyrings.ts';
import type { HostRings, PlaceArguments } from './keyrings.ts';
import { GLOBAL, KEYSDIR } from './options.ts';
import type { ShortSwitch, ShortTextFlag } from './options.ts';
import { askNewPassphrase, PASSWORD_FILE, readPassphrase } from './passphrase.ts';
import { Prompter } from './prompter.ts';
import { noteState } from './note-state.ts';

export const options: {
  readonly global: ShortSwitch;
  readonly keysdir: ShortTextFlag;
  readonly 'new-password': Switch;
  readonly 'password-file': TextFlag;
  readonly 'new-password-file': TextFlag;
} = {
  global: GLOBAL,
  keysdir: KEYSDIR,
  'new-password': { type: 'boolean', describe: 'give the secret key another passphrase' },
  'password-file': {
    ...PASSWORD_FILE,
    describe: 'file with the passphrase the secret key has; - is standard input',
  },
  'new-password-file': { ...PASSWORD_FILE, describe: 'file with the passphrase the secret key gets' },
};

export interface ImportArguments extends PlaceArguments {
  readonly file: string;
  readonly global: boolean | undefined;
  readonly 'new-password': boolean | undefined;
  readonly 'password-file': string | undefined;
  readonly 'new-password-file': string | undefined;
}

/** Puts the keys of a file into the keyrings, a secret key into both. */
export async function run(args: ImportArguments, terminal: Terminal): Promise<ExitCode> {
  const path = asWritten(args.file);
  const { secrets, certificates } = await readKeys(await readKeyFile(path), path);
  if (secrets.length > 0 && args.global === true) {
    throw new CliError('USAGE', `${path} holds a secret key, and the global keyring holds public keys only`);
  }
  const changed = await withNewPassphrases(secrets, args, terminal);
  const rings = hostRings(args, terminal);
  let news = 0;
  for (const key of changed) {
    news += Number(await importSecret(key, rings, terminal));
    news += Number(await importPublic(key.certificate, rings, terminal));
  }
  for (const certificate of certificates) news += Number(await importPublic(certificate, rings, terminal));
  if (news > 0) return EXIT.done;
  const held = [...changed.map(({ certificate }) => certificate), ...certificates];
  const fingerprints = [...new Set(held.map(({ primary }) => primary.key.fingerprint))].join(', ');
  throw new KeyringError(
    'ALREADY_HELD',
    `key import command failed: the key with fingerprint ${fingerprints} already belongs to the keyring`,
  );
}

interface ReadKeys {
  readonly secrets: readonly SecretKey[];
  readonly certificates: readonly Certificate[];
}

/** All of the file or nothing: who imports five keys and gets four must not find out later. */
async function readKeys(bytes: Uint8Array, path: string): Promise<ReadKeys> {
  const { keys, damage } = splitRing(bytes);
  const unreadable = (why: string): OpenPgpError =>
    new OpenPgpError(
      'BAD_CERTIFICATE',
      `key import command failed: unable to get entity from: ${path}: ${why}; nothing was imported`,
    );
  if (damage !== undefined) throw unreadable(`octet ${damage.offset}: ${damage.reason}`);
  if (keys.length === 0) throw unreadable('there is no key in it');
  const secrets: SecretKey[] = [];
  const certificates: Certificate[] = [];
  for (const part of keys) {
    if (readPacketHeader(part.bytes, 0)?.tag === SECRET_KEY) {
      const read = await readSecretKeys(part.bytes);
      const [problem] = read.unreadable;
      if (problem !== undefined) throw unreadable(problem.error.message);
      secrets.push(...read.keys);
    } else certificates.push(await readPublic(part.bytes, unreadable));
  }
  return { secrets, certificates };
}

async function readPublic(
  bytes: Uint8Array,
  unreadable: (why: string) => OpenPgpError,
): Promise<Certificate> {
  try {
    return await checkKey(bytes, () => Promise.resolve([]));
  } catch (error) {
    if (error instanceof OpenPgpError) throw unreadable(error.message);
    throw error;
  }
}

async function withNewPassphrases(
  secrets: readonly SecretKey[],
  args: ImportArguments,
  terminal: Terminal,
): Promise<readonly SecretKey[]> {
  const { 'password-file': currentFile, 'new-password-file': nextFile } = args;
  const wanted = args['new-password'] === true || nextFile !== undefined;
  if (secrets.length === 0 || !wanted) return secrets;
  const current = currentFile === undefined ? undefined : await readPassphrase(asWritten(currentFile));
  const next = nextFile === undefined ? undefined : await readPassphrase(asWritten(nextFile));
  const prompter = new Prompter(process.stdin, terminal);
  try {
    const changed: SecretKey[] = [];
    for (const key of secrets) {
      const open = key.locked
        ? (current ?? (await prompter.askHidden('Enter your key password : ')))
        : undefined;
      const lock = next ?? (await askNewPassphrase(prompter, 'Enter a new password for this key : '));
      if (lock === '') terminal.err('WARNING: without a passphrase, who reads the file has the key\n');
      changed.push(await key.withPassphrase(open, lock === '' ? undefined : lock));
    }
    return changed;
  } finally {
    prompter.close();
  }
}

async function importSecret(key: SecretKey, rings: HostRings, terminal: Terminal): Promise<boolean> {
  if (!(await rings.secretRings[0].add(key))) return false;
  if (!key.locked) {
    terminal.err(`WARNING: key ${key.fingerprint} has no passphrase: who reads the file has the key\n`);
  }
  await terminal.out(`Key with fingerprint ${key.fingerprint} successfully added to the private keyring\n`);
  return true;
}

async function importPublic(
  certificate: Certificate,
  rings: HostRings,
  terminal: Terminal,
): Promise<boolean> {
  const [written, ...others] = rings.publicRings;
  const [addition] = await written.add([certificate]);
  const { fingerprint } = certificate.primary.key;
  for (const ring of others) {
    const { certificates } = await ring.read((key) => key.fingerprint === fingerprint);
    if (certificates.length > 0) await ring.add([certificate], 'held');
  }
  if (addition === undefined || addition.outcome === 'unchanged') return false;
  const what = addition.outcome === 'added' ? 'successfully added to' : 'updated in';
  await terminal.out(`Key with fingerprint ${fingerprint} ${what} the public keyring\n`);
  noteState(certificate, terminal);
  return true;
}
