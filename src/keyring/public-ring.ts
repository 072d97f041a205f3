import { serializeCertificate } from '../openpgp/certificate.ts';
import type { Certificate } from '../openpgp/certificate.ts';
import { OpenPgpError } from '../openpgp/error.ts';
import { mergeCertificates } from '../openpgp/merge.ts';
import type { PublicKey } from '../openpgp/public-key.ts';
import type { IssuerClaim } from '../openpgp/signature.ts';
import type { FindKeys } from '../openpgp/third-party.ts';
import { addToKey } from './add-to-key.ts';
import { checkKey } from './check-key.ts';
import { keysIn } from './keys-in.ts';
import { joinRing, splitRing } from './ring-bytes.ts';
import type { RingPart } from './ring-bytes.ts';
import { RingFile } from './ring-file.ts';
import type { RingFileOptions } from './ring-file.ts';

/** Something in a keyring that cannot be used. It stays in the file. */
export interface RingProblem {
  /** Octets into the file. */
  readonly offset: number;
  readonly octets: number;
  /** Of the key, when that much can be read. */
  readonly fingerprint?: string;
  readonly reason: string;
}

export interface RingContent {
  /** In the order of the file, each primary key once. */
  readonly certificates: readonly Certificate[];
  readonly problems: readonly RingProblem[];
}

/** What became of a certificate that was offered. */
export interface Addition {
  readonly fingerprint: string;
  readonly outcome: 'added' | 'updated' | 'unchanged';
}

/** One key of the file as it was read, before it is changed. */
interface Entry {
  bytes: Uint8Array;
  readonly part: RingPart;
  readonly fingerprint: string | undefined;
  readonly certificate: Certificate | undefined;
  readonly reason: string | undefined;
}

/** A file of certificates: `pgp-public` or `global-pgp-public`. Errors are those of `RingFile`. */
export class PublicRing {
  readonly path: string;
  readonly #file: RingFile;

  constructor(path: string, options: RingFileOptions) {
    this.path = path;
    this.#file = new RingFile(path, options);
  }

  /** All that is in the file, or the keys of which `wanted` says so of the primary key or a subkey. */
  async read(wanted?: (key: PublicKey) => boolean): Promise<RingContent> {
    const { keys, damage, head } = splitRing(await this.#file.read());
    const entries = await readEntries(keys, wanted);
    const problems = entries.flatMap(problemOf);
    if (head.bytes.length > 0) problems.push(problemAt(head, 'it belongs to no key'));
    if (damage !== undefined) problems.push(problemAt(damage, damage.reason));
    return { certificates: unite(entries.flatMap(({ certificate }) => certificate ?? [])), problems };
  }

  /** Adds what is new, to the keys that are there already too; takes nothing away. */
  async add(certificates: readonly Certificate[], only: 'all' | 'held' = 'all'): Promise<Addition[]> {
    let additions: Addition[] = [];
    await this.#file.update(async (bytes) => {
      const parts = splitRing(bytes);
      const entries = await readEntries(parts.keys);
      additions = certificates.map((one) => addOne(entries, one, only));
      if (additions.every(({ outcome }) => outcome === 'unchanged')) return undefined;
      return joinRing(
        parts,
        entries.map((entry) => entry.bytes),
      );
    });
    return additions;
  }

  /** Takes the key of this fingerprint out, readable or not. Answers whether it was there. */
  async remove(fingerprint: string): Promise<boolean> {
    let found = false;
    await this.#file.update(async (bytes) => {
      const parts = splitRing(bytes);
      const kept = parts.keys.filter((part) => keysIn(part.bytes)[0]?.fingerprint !== fingerprint);
      found = kept.length < parts.keys.length;
      return found
        ? joinRing(
            parts,
            kept.map((part) => part.bytes),
          )
        : undefined;
    });
    return found;
  }
}

/** Whether a key may have made a signature that makes one of these claims. */
export function isClaimed(claims: readonly IssuerClaim[], { fingerprint, keyId }: PublicKey): boolean {
  return claims.some((claim) =>
    claim.fingerprint === undefined ? claim.keyId === keyId : claim.fingerprint === fingerprint,
  );
}

async function readEntries(
  parts: readonly RingPart[],
  wanted?: (key: PublicKey) => boolean,
): Promise<Entry[]> {
  const keys = parts.map((part) => keysIn(part.bytes));
  const findKeys: FindKeys = (claims) => Promise.resolve(keys.flat().filter((key) => isClaimed(claims, key)));
  const entries: Entry[] = [];
  for (const [i, part] of parts.entries()) {
    const own = keys[i] ?? [];
    if (wanted === undefined || own.some(wanted)) {
      entries.push(await readEntry(part, own[0]?.fingerprint, findKeys));
    }
  }
  return entries;
}

async function readEntry(
  part: RingPart,
  fingerprint: string | undefined,
  findKeys: FindKeys,
): Promise<Entry> {
  const { bytes } = part;
  try {
    const certificate = await checkKey(bytes, findKeys);
    return { part, bytes, fingerprint, certificate, reason: undefined };
  } catch (error) {
    if (!(error instanceof OpenPgpError)) throw error;
    const reason =
      error.code === 'SECRET_KEY' ? 'it is a secret key, which has no place here' : error.message;
    return { part, bytes, fingerprint, certificate: undefined, reason };
  }
}

function addOne(entries: Entry[], offered: Certificate, only: 'all' | 'held'): Addition {
  const { fingerprint } = offered.primary.key;
  const held = entries.filter((entry) => entry.fingerprint === fingerprint && entry.certificate);
  if (held.length === 0) {
    if (only === 'held') return { fingerprint, outcome: 'unchanged' };
    const bytes = serializeCertificate(offered);
    const part = { offset: 0, bytes };
    entries.push({ part, bytes, fingerprint, certificate: offered, reason: undefined });
    return { fingerprint, outcome: 'added' };
  }
  let outcome: Addition['outcome'] = 'unchanged';
  for (const entry of held) {
    const grown = entry.certificate && addToKey(entry.bytes, entry.certificate, offered);
    if (grown === undefined) continue;
    entry.bytes = grown;
    outcome = 'updated';
  }
  return { fingerprint, outcome };
}

/** Singularity may have appended a key twice. */
function unite(certificates: readonly Certificate[]): Certificate[] {
  const united = new Map<string, Certificate>();
  for (const one of certificates) {
    const { fingerprint } = one.primary.key;
    const before = united.get(fingerprint);
    united.set(fingerprint, before === undefined ? one : mergeCertificates(before, one));
  }
  return [...united.values()];
}

function problemOf({ part, fingerprint, reason }: Entry): RingProblem[] {
  if (reason === undefined) return [];
  return [{ ...problemAt(part, reason), ...(fingerprint !== undefined && { fingerprint }) }];
}

function problemAt({ offset, bytes }: RingPart, reason: string): RingProblem {
  return { offset, octets: bytes.length, reason };
}
