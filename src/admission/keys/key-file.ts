import { constants } from 'node:fs';
import { open } from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';
import type { BigIntStats } from 'node:fs';
import { checkedKey } from '../../keyring/check-key.ts';
import { keysIn } from '../../keyring/keys-in.ts';
import { isClaimed } from '../../keyring/public-ring.ts';
import { splitRing } from '../../keyring/ring-bytes.ts';
import { systemReason } from '../../keyring/system-reason.ts';
import { dearmor } from '../../openpgp/armor.ts';
import type { Certificate } from '../../openpgp/certificate.ts';
import { OpenPgpError } from '../../openpgp/error.ts';
import type { Signature } from '../../openpgp/signature.ts';
import type { FindKeys } from '../../openpgp/third-party.ts';
import { MAX_KEY_FILE_OCTETS } from '../limits.ts';
import { revocationsIn } from './bare-revocation.ts';

export interface KeyFileContent {
  readonly certificates: readonly Certificate[];
  /** Revocations without their keys, or without that of the revoker whom the owner named; not verified. */
  readonly revocations: readonly Signature[];
  /** What cannot be used; the rest of the file can. */
  readonly problems: readonly string[];
  /** Changes whenever the file may have. Undefined: too fresh to tell. */
  readonly mark?: string;
}

/** Milliseconds: clocks of file systems tick coarsely, so a file younger than this may change unseen. */
const SETTLED = 2000;

/**
 * Certificates of one file, armored or binary. `user` is whom the daemon runs as: whoever else can write the
 * file could put in keys. `known` is a mark from before: undefined when the file is still the same.
 */
export async function readKeyFile(
  path: string,
  { user, now, known }: { readonly user: number; readonly now: number; readonly known: string | undefined },
): Promise<KeyFileContent | undefined> {
  let file: FileHandle;
  try {
    // A pipe must not keep the daemon waiting.
    file = await open(path, constants.O_RDONLY | constants.O_NONBLOCK);
  } catch (error) {
    return unusable(systemReason(error));
  }
  try {
    const stats = await file.stat({ bigint: true });
    const refusal = notForUse(stats, user);
    if (refusal !== undefined) return unusable(refusal);
    const mark = `${stats.dev} ${stats.ino} ${stats.size} ${stats.mtimeNs} ${stats.ctimeNs}`;
    if (mark === known) return undefined;
    const content = await certificatesIn(await file.readFile());
    return Number(stats.ctimeMs) + SETTLED < now ? { ...content, mark } : content;
  } catch (error) {
    return unusable(systemReason(error));
  } finally {
    await file.close();
  }
}

/** Why a file is not to be trusted with keys, or a folder with files. */
export function foreignHands(
  { uid, mode }: Pick<BigIntStats, 'uid' | 'mode'>,
  user: number,
): string | undefined {
  if (uid !== 0n && uid !== BigInt(user)) return `it belongs to user ${uid}, who could put in keys`;
  if ((mode & 0o022n) !== 0n) return `others may write it (mode ${(mode & 0o7777n).toString(8)})`;
  return undefined;
}

function notForUse(stats: BigIntStats, user: number): string | undefined {
  if (!stats.isFile()) return 'it is not a file';
  if (stats.size > BigInt(MAX_KEY_FILE_OCTETS)) return `it has more than ${MAX_KEY_FILE_OCTETS} octets`;
  return foreignHands(stats, user);
}

function unusable(reason: string): KeyFileContent {
  return { certificates: [], revocations: [], problems: [reason] };
}

async function certificatesIn(bytes: Uint8Array): Promise<KeyFileContent> {
  try {
    // RFC 9580 §4.2: the first bit of a packet is set, which no character of armor has.
    const binary = bytes.length === 0 || ((bytes[0] ?? 0) & 0x80) !== 0;
    const blocks = binary ? [bytes] : dearmor(bytes).map(({ data }) => data);
    const bare = blocks.map((block) => revocationsIn(block));
    // Behind the key of somebody else it would be taken for a signature on that.
    const rest = blocks.filter((_, index) => bare[index] === undefined);
    const content = await certificatesOf(Buffer.concat(rest));
    return {
      ...content,
      revocations: [...content.revocations, ...bare.flatMap((signatures) => signatures ?? [])],
    };
  } catch (error) {
    if (error instanceof OpenPgpError) return unusable(error.message);
    throw error;
  }
}

async function certificatesOf(bytes: Uint8Array): Promise<KeyFileContent> {
  const { head, keys, damage } = splitRing(bytes);
  const all = keys.flatMap((part) => keysIn(part.bytes));
  const certificates: Certificate[] = [];
  const revocations: Signature[] = [];
  const problems: string[] = [];
  const findKeys: FindKeys = (claims) => Promise.resolve(all.filter((key) => isClaimed(claims, key)));
  for (const part of keys) {
    try {
      const { certificate, unjudged } = await checkedKey(part.bytes, findKeys);
      certificates.push(certificate);
      revocations.push(...unjudged);
    } catch (error) {
      if (!(error instanceof OpenPgpError)) throw error;
      const secret = error.code === 'SECRET_KEY';
      problems.push(secret ? 'it holds a secret key, which has no place here' : error.message);
    }
  }
  if (head.bytes.length > 0) problems.push('it begins with something that belongs to no key');
  if (damage !== undefined) problems.push(`it is damaged from octet ${damage.offset} on: ${damage.reason}`);
  return { certificates, revocations, problems };
}
