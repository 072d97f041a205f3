import { OpenPgpError } from '../openpgp/error.ts';
import { SECRET_KEY, splitPackets } from '../openpgp/packet.ts';
import type { SecretKey } from '../openpgp/secret-key.ts';
import { readSecretKeys } from '../openpgp/secret-key.ts';
import { readSecretPacket } from '../openpgp/secret-packet.ts';
import type { RingProblem } from './public-ring.ts';
import { joinRing, splitRing } from './ring-bytes.ts';
import type { RingPart } from './ring-bytes.ts';
import { RingFile } from './ring-file.ts';
import type { RingFileOptions } from './ring-file.ts';

export interface SecretRingContent {
  readonly keys: readonly SecretKey[];
  readonly problems: readonly RingProblem[];
}

/** A file of secret keys: `pgp-secret`. Errors are those of `RingFile`. */
export class SecretRing {
  readonly path: string;
  readonly #file: RingFile;

  constructor(path: string, options: RingFileOptions) {
    this.path = path;
    this.#file = new RingFile(path, options);
  }

  /** All keys that can be read, in the order of the file. */
  async read(): Promise<SecretRingContent> {
    const { keys: parts, damage, head } = splitRing(await this.#file.read());
    const keys: SecretKey[] = [];
    const problems: RingProblem[] = [];
    for (const part of parts) {
      const read = await readPart(part);
      if (typeof read === 'string') problems.push(problemAt(part, read));
      else keys.push(read);
    }
    if (head.bytes.length > 0) problems.push(problemAt(head, 'it belongs to no key'));
    if (damage !== undefined) problems.push(problemAt(damage, damage.reason));
    return { keys, problems };
  }

  /** Puts a key behind the others. False when one of its fingerprint is there, which is left as it is. */
  async add(key: SecretKey): Promise<boolean> {
    let added = false;
    await this.#file.update((bytes) => {
      const parts = splitRing(bytes);
      added = !parts.keys.some((part) => secretFingerprint(part.bytes) === key.fingerprint);
      const all = [...parts.keys.map((part) => part.bytes), key.serialize()];
      return Promise.resolve(added ? joinRing(parts, all) : undefined);
    });
    return added;
  }

  /** Takes the key of this fingerprint out. Answers whether it was there. */
  async remove(fingerprint: string): Promise<boolean> {
    let found = false;
    await this.#file.update((bytes) => {
      const parts = splitRing(bytes);
      const kept = parts.keys.filter((part) => secretFingerprint(part.bytes) !== fingerprint);
      found = kept.length < parts.keys.length;
      const all = kept.map((part) => part.bytes);
      return Promise.resolve(found ? joinRing(parts, all) : undefined);
    });
    return found;
  }
}

async function readPart({ bytes }: RingPart): Promise<SecretKey | string> {
  try {
    const { keys, unreadable } = await readSecretKeys(bytes);
    return keys[0] ?? unreadable[0]?.error.message ?? 'it holds no key';
  } catch (error) {
    if (error instanceof OpenPgpError) return error.message;
    throw error;
  }
}

/** Undefined for what is no secret key, or none that can be read. */
function secretFingerprint(bytes: Uint8Array): string | undefined {
  try {
    const [first] = splitPackets(bytes);
    return first?.tag === SECRET_KEY ? readSecretPacket(first).publicKey.fingerprint : undefined;
  } catch (error) {
    if (error instanceof OpenPgpError) return undefined;
    throw error;
  }
}

/** A reason, and never octets: some of them are secret. */
function problemAt({ offset, bytes }: RingPart, reason: string): RingProblem {
  return { offset, octets: bytes.length, reason };
}
