import { generateKey } from 'openpgp';

import { OpenPgpError } from './error.ts';
import { DEFAULT_CHECK_LIMITS, MAX_NEW_RSA_BITS, MIN_NEW_RSA_BITS } from './limits.ts';
import { readSecretKeys } from './secret-key.ts';
import type { SecretKey } from './secret-key.ts';
import { refuseLong } from './secret-part.ts';

/**
 * Which keys are made. RSA is read by every tool that reads SIF signatures; version 4 Ed25519 (algorithm 22)
 * and P-256 by Singularity since 3.8 and by Apptainer; version 6 by none of the Go tools so far.
 */
export type NewKeyAlgorithm =
  | { readonly name: 'rsa'; readonly bits: number }
  | { readonly name: 'ed25519' }
  | { readonly name: 'p256' }
  | { readonly name: 'ed25519-v6' };

export interface NewKeyOptions {
  /** At least one of name and e-mail address is not empty. */
  readonly name: string;
  readonly email: string;
  readonly comment: string;
  readonly algorithm: NewKeyAlgorithm;
  /** Absent or empty: the secret parts are not protected. */
  readonly passphrase?: string;
  /** Seconds since 1970. */
  readonly created: number;
}

/**
 * Makes a primary key that certifies and signs, with the user ID `Name (Comment) <email>`, and a subkey for
 * encryption, which gpg and others expect. Without an expiry, as Singularity's. Throws `BAD_KEY_OPTION`.
 */
export async function generateSecretKey(options: NewKeyOptions): Promise<SecretKey> {
  const { algorithm, passphrase = '', created } = options;
  checkIdentity(options);
  refuseLong(passphrase);
  if (!Number.isSafeInteger(created) || created < 1 || created >= 2 ** 32) {
    throw new OpenPgpError('BAD_KEY_OPTION', 'a creation time before 1970 or after 2106');
  }
  const { privateKey } = await generateKey({
    ...kindOf(algorithm),
    userIDs: [identity(options)],
    ...(passphrase !== '' && { passphrase }),
    date: new Date(created * 1000),
    format: 'binary',
    config: {
      v6Keys: algorithm.name === 'ed25519-v6',
      aeadProtect: false,
      nonDeterministicSignaturesViaNotation: false,
    },
  });
  const [key] = (await readSecretKeys(privateKey)).keys;
  if (key === undefined) throw new OpenPgpError('BAD_SECRET_KEY', 'the new key cannot be read');
  return key;
}

function identity({ name, email, comment }: NewKeyOptions): { name: string; email: string; comment: string } {
  return { name: name.trim(), email: email.trim(), comment: comment.trim() };
}

type Kind =
  | { readonly type: 'rsa'; readonly rsaBits: number }
  | { readonly type: 'ecc'; readonly curve: 'ed25519Legacy' | 'nistP256' }
  | { readonly type: 'curve25519' };

function kindOf(algorithm: NewKeyAlgorithm): Kind {
  switch (algorithm.name) {
    case 'rsa':
      checkBits(algorithm.bits);
      return { type: 'rsa', rsaBits: algorithm.bits };
    case 'ed25519':
      return { type: 'ecc', curve: 'ed25519Legacy' };
    case 'p256':
      return { type: 'ecc', curve: 'nistP256' };
    case 'ed25519-v6':
      return { type: 'curve25519' };
  }
}

function checkBits(bits: number): void {
  if (bits >= MIN_NEW_RSA_BITS && bits <= MAX_NEW_RSA_BITS && bits % 8 === 0) return;
  throw new OpenPgpError(
    'BAD_KEY_OPTION',
    `an RSA key of ${bits} bits; choose from ${MIN_NEW_RSA_BITS} to ${MAX_NEW_RSA_BITS}, in steps of 8`,
  );
}

/** Every kind of control, format, surrogate and unassigned character, and line and paragraph separators. */
const UNPRINTABLE = /[\p{C}\p{Zl}\p{Zp}]/u;

/** What holds the parts of a user ID together. */
const DELIMITERS = /[()<>]/;

const ADDRESS = /^[^\s@()<>\\",;:]+@[\p{L}\p{N}](?:[\p{L}\p{N}.-]*[\p{L}\p{N}])?$/u;

function checkIdentity(options: NewKeyOptions): void {
  const { name, email, comment } = identity(options);
  if (name === '' && email === '') {
    throw new OpenPgpError('BAD_KEY_OPTION', 'a key needs a name or an e-mail address');
  }
  for (const [what, text] of Object.entries({ name, comment })) {
    if (UNPRINTABLE.test(text) || DELIMITERS.test(text)) {
      throw new OpenPgpError(
        'BAD_KEY_OPTION',
        `the ${what} holds a line end, a control character or one of ( ) < >`,
      );
    }
  }
  if (email !== '' && (UNPRINTABLE.test(email) || !ADDRESS.test(email))) {
    throw new OpenPgpError('BAD_KEY_OPTION', 'the e-mail address is not of the form user@example.org');
  }
  const octets = Buffer.byteLength(`${name} (${comment}) <${email}>`);
  if (octets > DEFAULT_CHECK_LIMITS.userIdOctets) {
    throw new OpenPgpError(
      'BAD_KEY_OPTION',
      `name, comment and e-mail address take ${octets} octets; at most ${DEFAULT_CHECK_LIMITS.userIdOctets} are kept`,
    );
  }
}
