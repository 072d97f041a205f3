/*
 * The files of a policy, and that nobody else could have written them: the owner and the mode of each file and of
 * every folder above it.
 */
import {
  closeSync,
  constants,
  fstatSync,
  lstatSync,
  openSync,
  readdirSync,
  readFileSync,
  readlinkSync,
} from 'node:fs';
import type { Stats } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { ConfigError } from './error.ts';

/** One file, as it was read; the shape that `parsePolicy` takes. */
export interface OwnedFile {
  /** Its path, as it was named. */
  readonly name: string;
  readonly octets: Uint8Array;
}

export interface Trust {
  /** User IDs that may own the files and the folders above them: root's and the service's own. */
  readonly owners: readonly number[];
}

/** What a policy file may have, 1 MiB; read before it is known what is in it. */
const MAX_OCTETS = 1024 * 1024;
/** Files of one folder. */
const MAX_FILES = 64;
/** Symbolic links on the way to a folder: as many as Linux follows. */
const MAX_LINKS = 40;

const GROUP_OR_OTHERS_WRITE = 0o022;
const STICKY = 0o1000;

/**
 * The files of a policy, in order: one file, or the `.toml` and `.json` files of a folder by name; with a file that
 * is called `policy.toml`, those of `policy.d` beside it. Hidden files are left out. Throws `CONFIG_NOT_FOUND`,
 * `CONFIG_UNREADABLE`, or `CONFIG_UNTRUSTED` when others than `owners` could have written any of them.
 */
export function readPolicyFiles(path: string, { owners }: Trust): OwnedFile[] {
  const stats = look(path);
  if (stats === undefined) throw new ConfigError('CONFIG_NOT_FOUND', `there is no policy ${path}`);
  if (stats.isDirectory()) {
    const files = readFolder(path, owners);
    if (files.length > 0) return files;
    throw new ConfigError('CONFIG_NOT_FOUND', `there is no .toml or .json file in the folder ${path}`);
  }
  checkFolder(dirname(resolve(path)), owners);
  const first = readFile(path, owners);
  const beside = join(dirname(path), 'policy.d');
  const more = basename(path) === 'policy.toml' && look(beside) !== undefined;
  return more ? [first, ...readFolder(beside, owners)] : [first];
}

function readFolder(path: string, owners: readonly number[]): OwnedFile[] {
  if (look(path)?.isDirectory() !== true) {
    throw new ConfigError('CONFIG_UNREADABLE', `${path} must be a folder, and not a symbolic link to one`);
  }
  checkFolder(resolve(path), owners);
  const names = attempt(path, () => readdirSync(path))
    .filter((name) => /^[^.].*\.(?:toml|json)$/s.test(name))
    .toSorted((one, other) => Buffer.compare(Buffer.from(one), Buffer.from(other)));
  if (names.length > MAX_FILES) {
    throw new ConfigError(
      'CONFIG_UNREADABLE',
      `${path} has more than ${MAX_FILES} files; a policy has fewer`,
    );
  }
  return names.map((name) => readFile(join(path, name), owners));
}

function readFile(path: string, owners: readonly number[]): OwnedFile {
  if (look(path)?.isSymbolicLink() === true) {
    throw new ConfigError('CONFIG_UNTRUSTED', `${path} is a symbolic link; put or name the file itself`);
  }
  const flags = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK;
  const file = attempt(path, () => openSync(path, flags));
  try {
    const stats = fstatSync(file);
    if (!stats.isFile()) throw new ConfigError('CONFIG_UNREADABLE', `${path} is not a regular file`);
    checkOwner(path, stats, owners);
    if ((stats.mode & GROUP_OR_OTHERS_WRITE) !== 0) throw writable(path, stats);
    if (stats.size > MAX_OCTETS) {
      throw new ConfigError('CONFIG_UNREADABLE', `${path} has more than ${MAX_OCTETS} bytes; split it`);
    }
    return { name: path, octets: attempt(path, () => readFileSync(file)) };
  } finally {
    closeSync(file);
  }
}

/** Every folder from the root to `path`, which is absolute, and through links. */
function checkFolder(path: string, owners: readonly number[]): void {
  const real = checkAbove(path, owners, 0);
  const stats = attempt(real, () => lstatSync(real));
  // Where others can add files, one of them may be a link to a policy of former times. Sticky does not help.
  if ((stats.mode & GROUP_OR_OTHERS_WRITE) !== 0) throw writable(real, stats);
}

/** Gives the path without links. */
function checkAbove(path: string, owners: readonly number[], links: number): string {
  if (links > MAX_LINKS) throw new ConfigError('CONFIG_UNREADABLE', `${path}: too many symbolic links`);
  let real = '/';
  checkOne(real, owners);
  for (const part of path.split('/').filter((name) => name !== '')) {
    const next = join(real, part);
    const stats = checkOne(next, owners);
    if (stats.isSymbolicLink()) {
      const target = resolve(
        real,
        attempt(next, () => readlinkSync(next)),
      );
      real = checkAbove(target, owners, links + 1);
    } else real = next;
  }
  return real;
}

function checkOne(path: string, owners: readonly number[]): Stats {
  const stats = attempt(path, () => lstatSync(path));
  checkOwner(path, stats, owners);
  // A link's mode means nothing. In a sticky folder nobody else can rename or remove what an owner has there.
  const open = !stats.isSymbolicLink() && (stats.mode & GROUP_OR_OTHERS_WRITE) !== 0;
  if (open && (stats.mode & STICKY) === 0) throw writable(path, stats);
  return stats;
}

function checkOwner(path: string, { uid }: Stats, owners: readonly number[]): void {
  if (owners.includes(uid)) return;
  const wanted = owners.map((owner) => (owner === 0 ? 'root' : `user ${owner}`)).join(' or ');
  throw new ConfigError(
    'CONFIG_UNTRUSTED',
    `${path} belongs to user ${uid}, who could change the policy; it has to belong to ${wanted}`,
  );
}

function writable(path: string, { mode }: Stats): ConfigError {
  const shown = (mode & 0o7777).toString(8).padStart(4, '0');
  return new ConfigError(
    'CONFIG_UNTRUSTED',
    `others can write ${path} (mode ${shown}), and so change the policy; run: chmod go-w ${path}`,
  );
}

/** Undefined when there is nothing. */
function look(path: string): Stats | undefined {
  return attempt(path, () => lstatSync(path, { throwIfNoEntry: false }));
}

function attempt<Result>(path: string, read: () => Result): Result {
  try {
    return read();
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new ConfigError('CONFIG_UNREADABLE', `cannot read ${path}: ${reason}`, { cause });
  }
}
