/*
 * The key of this host that signs the log's checkpoints: Ed25519, made on the first start. The private half stays
 * beside the log with mode 0600; the public half is for whoever verifies the log elsewhere.
 */
import { createPrivateKey, createPublicKey, generateKeyPairSync, hash, sign, verify } from 'node:crypto';
import type { KeyObject } from 'node:crypto';
import { constants } from 'node:fs';
import { link, open, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import { AdmissionError } from '../error.ts';
import { MAX_LOG_KEY_OCTETS } from './limits.ts';
import { PRIVATE_KEY, PUBLIC_KEY } from './log-files.ts';

export interface LogKey {
  /** SHA-256 of the public key (SubjectPublicKeyInfo, DER), lower-case hexadecimal. */
  readonly id: string;
  /** It was made just now. */
  readonly made: boolean;
  /** Base64. */
  sign(text: string): string;
}

export interface PublicLogKey {
  readonly id: string;
  verifies(text: string, signature: string): boolean;
}

/** Reads the key of the folder, or makes it. Throws `BAD_LOG_KEY`. */
export async function openLogKey(folder: string): Promise<LogKey> {
  const path = join(folder, PRIVATE_KEY);
  try {
    const held = await readPrivate(path);
    const pem = held ?? (await makePrivate(path));
    const privateKey = ed25519(createPrivateKey(pem));
    const publicKey = createPublicKey(privateKey);
    await publish(join(folder, PUBLIC_KEY), publicKey);
    return {
      id: idOf(publicKey),
      made: held === undefined,
      sign: (text) => sign(null, Buffer.from(text), privateKey).toString('base64'),
    };
  } catch (cause) {
    if (cause instanceof AdmissionError) throw cause;
    throw badKey(path, cause);
  }
}

/** Reads a public key in PEM. Throws `BAD_LOG_KEY`. */
export function publicLogKey(pem: string): PublicLogKey {
  let key: KeyObject;
  try {
    key = ed25519(createPublicKey(pem));
  } catch (cause) {
    throw badKey('the public key', cause);
  }
  return {
    id: idOf(key),
    verifies: (text, signature) => verify(null, Buffer.from(text), key, Buffer.from(signature, 'base64')),
  };
}

/** The public half beside the log, in PEM; undefined when it is not there. Throws `BAD_LOG_KEY`. */
export async function readPublicKey(folder: string): Promise<string | undefined> {
  return readSmall(join(folder, PUBLIC_KEY), () => undefined).catch((cause: unknown) => {
    throw badKey(join(folder, PUBLIC_KEY), cause);
  });
}

function ed25519(key: KeyObject): KeyObject {
  if (key.asymmetricKeyType !== 'ed25519') throw new Error('it is not an Ed25519 key');
  return key;
}

function idOf(publicKey: KeyObject): string {
  return hash('sha256', publicKey.export({ type: 'spki', format: 'der' }), 'hex');
}

async function readPrivate(path: string): Promise<string | undefined> {
  return readSmall(path, (mode) =>
    (mode & 0o077) === 0
      ? undefined
      : 'others than its owner have access to it; chmod 600 after looking into it',
  );
}

/** Undefined: there is no such file. `objection` says what is wrong with its mode. */
async function readSmall(
  path: string,
  objection: (mode: number) => string | undefined,
): Promise<string | undefined> {
  const handle = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW).catch((error: unknown) => {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw error;
  });
  if (handle === undefined) return undefined;
  try {
    const { mode, size } = await handle.stat();
    const wrong = size > MAX_LOG_KEY_OCTETS ? 'it is too long' : objection(mode);
    if (wrong !== undefined) throw new Error(wrong);
    return await handle.readFile('latin1');
  } finally {
    await handle.close();
  }
}

async function makePrivate(path: string): Promise<string> {
  const { privateKey } = generateKeyPairSync('ed25519');
  const pem = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
  await putWhole(path, pem, 0o600);
  return pem;
}

async function publish(path: string, publicKey: KeyObject): Promise<void> {
  const pem = publicKey.export({ type: 'spki', format: 'pem' }).toString();
  if ((await readSmall(path, () => undefined)) === pem) return;
  await unlink(path).catch(() => undefined);
  await putWhole(path, pem, 0o644);
}

/** Whole or not at all, whatever fails; what is there is never replaced. The log's lock keeps others out. */
async function putWhole(path: string, text: string, mode: number): Promise<void> {
  const draft = `${path}.new`;
  await unlink(draft).catch(() => undefined);
  const handle = await open(draft, 'wx', mode);
  try {
    await handle.chmod(mode);
    await handle.writeFile(text);
    await handle.sync();
  } finally {
    await handle.close();
  }
  await link(draft, path);
  await unlink(draft);
}

function badKey(what: string, cause: unknown): AdmissionError {
  const reason = cause instanceof Error ? cause.message : String(cause);
  return new AdmissionError('BAD_LOG_KEY', `the key of the decision log, ${what}: ${reason}`, { cause });
}
