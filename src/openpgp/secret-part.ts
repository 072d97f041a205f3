/*
 * The secret part of one key packet, opened and closed by openpgp.js. No error made here has a cause: what
 * was thrown while secrets were handled is not for logs.
 */
import { config as defaults, SecretKeyPacket, SecretSubkeyPacket } from 'openpgp';

import { OpenPgpError } from './error.ts';
import { MAX_ARGON2_MEMORY_EXPONENT, MAX_PASSPHRASE_LENGTH } from './limits.ts';
import { SECRET_KEY } from './packet.ts';
import type { Protection, SecretPacket } from './secret-packet.ts';

/**
 * New protection is AES-256 in CFB mode with a SHA-1 hash and an iterated, salted passphrase: what gpg 2.2,
 * Singularity's and Apptainer's Go libraries read. The stronger AEAD protection they do not.
 */
const config = {
  ...defaults,
  aeadProtect: false,
  maxArgon2MemoryExponent: MAX_ARGON2_MEMORY_EXPONENT,
};

export type AnySecretPacket = SecretKeyPacket | SecretSubkeyPacket;

/** The octets of a secret key packet, opened. Throws as `SecretKey.unlock` says. */
export async function openSecretPart(
  { packet, protection, publicKey }: SecretPacket,
  passphrase: string | undefined,
): Promise<AnySecretPacket> {
  refuse(protection, publicKey.fingerprint);
  // The packet's type is a part of what AEAD protects.
  const part = packet.tag === SECRET_KEY ? new SecretKeyPacket() : new SecretSubkeyPacket();
  await unlessBroken(() => part.read(packet.body));
  if (protection === 'passphrase') await decrypt(part, passphrase, publicKey.fingerprint);
  // A secret part that does not belong to its public part makes signatures that tell the secret
  // (Klima and Rosa, 2001; Bruseghini, Huigens and Paterson, 2022).
  await unlessBroken(() => part.validate());
  return part;
}

/** The body of a packet with this secret part, under `passphrase` or, when that is absent, in the clear. */
export async function closeSecretPart(
  part: AnySecretPacket,
  passphrase: string | undefined,
): Promise<Uint8Array> {
  if (passphrase !== undefined && passphrase !== '') {
    refuseLong(passphrase);
    await part.encrypt(passphrase, config);
  }
  return part.write();
}

/** Throws `BAD_KEY_OPTION`. */
export function refuseLong(passphrase: string): void {
  if (passphrase.length > MAX_PASSPHRASE_LENGTH) {
    throw new OpenPgpError('BAD_KEY_OPTION', `a passphrase of more than ${MAX_PASSPHRASE_LENGTH} characters`);
  }
}

function refuse(protection: Protection, fingerprint: string): void {
  if (protection === 'absent' || protection === 'card') {
    const where = protection === 'card' ? 'on a smart card' : 'elsewhere';
    throw new OpenPgpError(
      'NO_SECRET_PART',
      `the secret part of key ${fingerprint} is not in this file: gpg keeps it ${where}. Export the key from where it is complete`,
    );
  }
  if (protection === 'unsupported') {
    throw new OpenPgpError(
      'UNSUPPORTED_PROTECTION',
      `the secret part of key ${fingerprint} is protected in an obsolete or unknown way. Import it into gpg, change its passphrase there and export it again`,
    );
  }
}

async function decrypt(
  part: AnySecretPacket,
  passphrase: string | undefined,
  fingerprint: string,
): Promise<void> {
  if (passphrase === undefined || passphrase === '') {
    throw new OpenPgpError('LOCKED_KEY', `key ${fingerprint} is protected; its passphrase is needed`);
  }
  refuseLong(passphrase);
  try {
    // The types of openpgp.js leave the second argument out.
    const decryptWith: (passphrase: string, settings: typeof config) => Promise<void> =
      part.decrypt.bind(part);
    await decryptWith(passphrase, config);
  } catch (error) {
    if (!saysWrongPassphrase(error)) throw broken();
    // oxlint-disable-next-line preserve-caught-error -- see the top of this file
    throw new OpenPgpError('WRONG_PASSPHRASE', `that is not the passphrase of key ${fingerprint}`);
  }
}

/** With AES-GCM the runtime's own error comes through, which tells no wrong key from changed octets. */
function saysWrongPassphrase(error: unknown): boolean {
  return error instanceof Error && /^Incorrect key passphrase|unable to authenticate/.test(error.message);
}

async function unlessBroken(work: () => unknown): Promise<void> {
  try {
    await work();
  } catch {
    throw broken();
  }
}

function broken(): OpenPgpError {
  return new OpenPgpError(
    'BAD_SECRET_KEY',
    'the secret part of the key is damaged, or does not belong to its public part',
  );
}
