/* How strongly an answer about a file is bound to its bytes, and how long the file may be taken for the same. */
import { lstatSync } from 'node:fs';
import type { BigIntStats } from 'node:fs';

import type { Binding } from '../../policy/policy.ts';
import { isSameFile } from './file-identity.ts';
import type { FileSystem } from './file-system.ts';
import type { OpenedImage } from './opened-image.ts';

export interface Standing {
  /** What holds whatever is in the file. */
  readonly binding: Exclude<Binding, 'store'>;
  /** The digest that its name in the store claims: with that content it is bound as `store`. */
  readonly stored?: string;
  /** Milliseconds. */
  readonly maxAge: number;
}

export interface StandingOptions {
  /** The caller holds the file open. */
  readonly held: boolean;
  readonly fileSystem: FileSystem;
  /** Folder of promoted images. */
  readonly store: string | undefined;
  /** The user that the service runs as, who fills the store. */
  readonly uid: number;
}

const OTHERS_MAY_WRITE = 0o022;
const ANYBODY_MAY_WRITE = 0o222n;
const ROOT: readonly number[] = [0];

export function standingOf(image: OpenedImage, options: StandingOptions): Standing {
  const { fileSystem, held } = options;
  const ofRoot = isOnlyRoots(image, fileSystem);
  const maxAge = ofRoot ? fileSystem.maxAgeOfRoot : fileSystem.maxAge;
  const stored = digestInStore(image, options);
  const weaker = fileSystem.tellsChange ? (held ? 'fd' : 'identity') : 'path';
  return {
    binding: ofRoot ? 'root-owned' : weaker,
    maxAge: stored === undefined ? maxAge : fileSystem.maxAgeOfRoot,
    ...(stored !== undefined && { stored }),
  };
}

/** Neither the file nor the way to it can be changed by anybody but root. */
function isOnlyRoots({ path, stats }: OpenedImage, { owners }: FileSystem): boolean {
  if (owners === 'none') return false;
  if (owners === 'believed' && !(stats.uid === 0n && (Number(stats.mode) & OTHERS_MAY_WRITE) === 0))
    return false;
  return isFixedAt(path, stats, ROOT);
}

/** The digest in the name of a file in the store, when nobody but root and the service can change it. */
function digestInStore({ path, stats }: OpenedImage, options: StandingOptions): string | undefined {
  const { store, uid, fileSystem } = options;
  if (store === undefined || fileSystem.owners === 'none') return undefined;
  const name = path.toString('latin1');
  const prefix = Buffer.from(`${store}/`).toString('latin1');
  if (!name.startsWith(prefix)) return undefined;
  const [, folder, digest] = /^([0-9a-f]{2})\/([0-9a-f]{64})\.sif$/.exec(name.slice(prefix.length)) ?? [];
  if (folder === undefined || digest?.startsWith(folder) !== true) return undefined;
  const trusted = [...ROOT, uid];
  if (!trusted.includes(Number(stats.uid)) || (stats.mode & ANYBODY_MAY_WRITE) !== 0n) return undefined;
  return isFixedAt(path, stats, trusted) ? digest : undefined;
}

/**
 * The path leads to this very file, and every folder on the way belongs to one of the owners and can be written
 * by its owner only. A sticky folder is not enough: in it, others can put another file where this one was. From the
 * root on: where others may write, that is mostly so near it, and what is below need not be looked at.
 */
function isFixedAt(path: Buffer, stats: BigIntStats, owners: readonly number[]): boolean {
  for (let end = 0; end >= 0; end = path.indexOf(SLASH, end + 1)) {
    const folder = end === 0 ? path.subarray(0, 1) : path.subarray(0, end);
    const found = lstatSync(folder, NO_ENTRY);
    if (found?.isDirectory() !== true) return false;
    if (!owners.includes(found.uid) || (found.mode & OTHERS_MAY_WRITE) !== 0) return false;
  }
  const there = lstatSync(path, { bigint: true, throwIfNoEntry: false });
  return there !== undefined && isSameFile(there, stats);
}

const SLASH = 0x2f;
const NO_ENTRY = { throwIfNoEntry: false } as const;
