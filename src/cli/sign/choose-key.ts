import { KeyringError } from '../../keyring/error.ts';
import { readPrivateKeyPem } from '../../integrity/signing-key.ts';
import type { ImageSigner } from '../../integrity/sign-image.ts';
import type { SecretKey } from '../../openpgp/secret-key.ts';
import type { UnlockedKey } from '../../openpgp/unlocked-key.ts';
import { certificateState } from '../../openpgp/state.ts';
import { CliError } from '../error.ts';
import { hostRings } from '../key/keyrings.ts';
import { keyListing } from '../key/listing.ts';
import { namedPassphrase } from '../key/passphrase.ts';
import { Prompter } from '../key/prompter.ts';
import { heldSecret, heldSecrets } from '../key/secret-keys.ts';
import type { Terminal } from '../terminal.ts';
import { readPem } from '../verify/pem-file.ts';

export interface KeyArguments {
  readonly keyidx: string | undefined;
  readonly fingerprint: string | undefined;
  readonly key: string | undefined;
  readonly keysdir: string | undefined;
  readonly password: string | undefined;
  readonly 'password-file': string | undefined;
}

export interface ChosenKey {
  readonly signer: ImageSigner;
  /** In the words of Singularity. */
  readonly description: string;
}

/** The key to sign with, unlocked; asks for what the flags leave open. `at`: seconds since 1970. */
export async function chooseKey(args: KeyArguments, at: number, terminal: Terminal): Promise<ChosenKey> {
  if ([args.key, args.fingerprint, args.keyidx].filter((one) => one !== undefined).length > 1) {
    throw new CliError('USAGE', '--key, --fingerprint and --keyidx each name a key; give one of them');
  }
  const passphrase = await namedPassphrase(args, terminal);
  if (args.key !== undefined) {
    const keys = [readPrivateKeyPem(await readPem(args.key), passphrase)];
    return { signer: { kind: 'dsse', keys }, description: `key material from '${args.key}'` };
  }
  const prompter = new Prompter(process.stdin, terminal);
  try {
    const secret = await chooseSecret(args, prompter, at, terminal);
    const key = await unlock(secret, passphrase, prompter);
    // Now and not after all of a large image has been read: throws when the key may not sign.
    key.signingKey(at);
    return { signer: { kind: 'pgp', key }, description: 'PGP key material' };
  } finally {
    prompter.close();
  }
}

async function chooseSecret(
  { keyidx, fingerprint, keysdir }: KeyArguments,
  prompter: Prompter,
  at: number,
  terminal: Terminal,
): Promise<SecretKey> {
  const { secretRings } = hostRings({ keysdir }, terminal);
  const held = await heldSecrets(secretRings, terminal);
  const keys = [...new Map(held.map(({ key }) => [key.fingerprint, key])).values()];
  const where = secretRings.map(({ path }) => path).join(' or ');
  if (fingerprint !== undefined) {
    const [named] = heldSecret(held, fingerprint, secretRings);
    if (named !== undefined) return named.key;
  }
  if (keys.length === 0) {
    const advice = 'make a key with "vouch key newpair"';
    throw new KeyringError('NO_SUCH_KEY', `keyring is empty: no secret key in ${where}; ${advice}`);
  }
  if (keyidx !== undefined) return numbered(keys, keyidx, where);
  const [only] = keys;
  if (keys.length === 1 && only !== undefined) return only;
  for (const [i, key] of keys.entries()) {
    terminal.err(keyListing(i, certificateState(key.certificate, at)));
  }
  return numbered(keys, await prompter.ask('Enter # of private key to use : '), where);
}

/** Numbers count from 0, as `vouch key list --secret` shows them. */
function numbered(keys: readonly SecretKey[], text: string, where: string): SecretKey {
  const key = /^\d{1,6}$/.test(text) ? keys[Number(text)] : undefined;
  if (key !== undefined) return key;
  const range = keys.length === 1 ? 'there is only number 0' : `they are numbered 0 to ${keys.length - 1}`;
  throw new CliError('USAGE', `"${text}" is not the number of a secret key in ${where}; ${range}`);
}

async function unlock(
  key: SecretKey,
  passphrase: string | undefined,
  prompter: Prompter,
): Promise<UnlockedKey> {
  if (!key.locked) return key.unlock();
  return key.unlock(passphrase ?? (await prompter.askHidden('Enter key passphrase : ')));
}
