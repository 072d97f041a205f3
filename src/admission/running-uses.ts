/*
 * Where images are in use right now: behind loop devices (mounted by the kernel), and open in processes (mounted by
 * FUSE, or read). An image that was replaced or removed since is found by the path that it had.
 */
import { opendir, readFile, readlink, stat } from 'node:fs/promises';
import { join } from 'node:path';

export type RunningUse =
  | { readonly kind: 'loop'; readonly device: string; readonly path: string }
  | {
      readonly kind: 'process';
      readonly pid: number;
      readonly uid: number;
      /** As the process calls itself (proc(5), comm). */
      readonly command: string;
      readonly path: string;
    };

export interface RunningUses {
  readonly uses: readonly RunningUse[];
  /** False: some processes may not be looked into, or there are more than are looked at. */
  readonly complete: boolean;
}

/** Bounds on what is looked at: loop devices, processes, files that one process has open, and what is found. */
const MAX_DEVICES = 4096;
const MAX_PROCESSES = 65_536;
const MAX_OPEN_FILES = 4096;
const MAX_USES = 10_000;

/** What the kernel puts behind the path of a file that has no name any more. */
const DELETED = ' (deleted)';

/** Uses of the files at these paths; the answer names them as they are given. `root` is where /sys and /proc are. */
export async function runningUses(paths: readonly Uint8Array[], root = '/'): Promise<RunningUses> {
  const search = await Search.of(paths, root);
  await search.devices();
  await search.processes();
  return { uses: search.uses, complete: search.complete };
}

class Search {
  readonly uses: RunningUse[] = [];
  complete = true;
  readonly #root: string;
  /** By the octets of the path, as latin1. */
  readonly #byPath: ReadonlyMap<string, string>;
  /** By device and inode. */
  readonly #byInode: ReadonlyMap<string, string>;

  private constructor(root: string, byPath: Map<string, string>, byInode: Map<string, string>) {
    this.#root = root;
    this.#byPath = byPath;
    this.#byInode = byInode;
  }

  static async of(paths: readonly Uint8Array[], root: string): Promise<Search> {
    const byPath = new Map<string, string>();
    const byInode = new Map<string, string>();
    for (const octets of paths) {
      const path = Buffer.from(octets);
      byPath.set(path.toString('latin1'), path.toString());
      const inode = await inodeOf(path);
      if (inode !== undefined) byInode.set(inode, path.toString());
    }
    return new Search(root, byPath, byInode);
  }

  async devices(): Promise<void> {
    for await (const device of this.#names('sys/block', /^loop\d+$/, MAX_DEVICES)) {
      const file = join(this.#root, 'sys/block', device, 'loop/backing_file');
      const backing = await readFile(file, 'latin1').catch(() => undefined);
      const path = backing === undefined ? undefined : await this.#match(backing.replace(/\n$/, ''));
      if (path !== undefined) this.#add({ kind: 'loop', device, path });
    }
  }

  async processes(): Promise<void> {
    for await (const pid of this.#names('proc', /^\d{1,10}$/, MAX_PROCESSES)) {
      const folder = join('proc', pid, 'fd');
      const found = new Set<string>();
      for await (const fd of this.#names(folder, /^\d{1,10}$/, MAX_OPEN_FILES)) {
        const path = await this.#openFile(join(this.#root, folder, fd));
        if (path !== undefined) found.add(path);
      }
      for (const path of found) await this.#addProcess(pid, path);
    }
  }

  /** Names in a folder; one that is gone has none, one that may not be read makes the answer incomplete. */
  async *#names(folder: string, pattern: RegExp, limit: number): AsyncGenerator<string> {
    let count = 0;
    try {
      for await (const { name } of await opendir(join(this.#root, folder))) {
        if (!pattern.test(name)) continue;
        count += 1;
        if (count > limit) {
          this.complete = false;
          return;
        }
        yield name;
      }
    } catch (error) {
      const code = error instanceof Error && 'code' in error ? error.code : undefined;
      if (code !== 'ENOENT' && code !== 'ESRCH') this.complete = false;
    }
  }

  async #openFile(link: string): Promise<string | undefined> {
    const target = await readlink(link, 'latin1').catch(() => '');
    // Sockets and pipes have no path; what is in /dev and /proc is no image.
    if (!target.startsWith('/') || /^\/(?:dev|proc|sys)\//.test(target)) return undefined;
    const inode = await inodeOf(link);
    return (inode === undefined ? undefined : this.#byInode.get(inode)) ?? this.#named(target);
  }

  async #match(path: string): Promise<string | undefined> {
    const inode = await inodeOf(Buffer.from(path, 'latin1'));
    return (inode === undefined ? undefined : this.#byInode.get(inode)) ?? this.#named(path);
  }

  #named(path: string): string | undefined {
    const name = path.endsWith(DELETED) ? path.slice(0, -DELETED.length) : path;
    return this.#byPath.get(path) ?? this.#byPath.get(name);
  }

  async #addProcess(pid: string, path: string): Promise<void> {
    const folder = join(this.#root, 'proc', pid);
    const owner = await stat(folder).catch(() => undefined);
    const command = await readFile(join(folder, 'comm'), 'utf8').catch(() => '');
    if (owner === undefined) return;
    this.#add({
      kind: 'process',
      pid: Number(pid),
      uid: owner.uid,
      command: command.replace(/\n$/, ''),
      path,
    });
  }

  #add(use: RunningUse): void {
    if (this.uses.length < MAX_USES) this.uses.push(use);
    else this.complete = false;
  }
}

async function inodeOf(path: string | Buffer): Promise<string | undefined> {
  return stat(path, { bigint: true }).then(
    ({ dev, ino }) => `${dev}:${ino}`,
    () => undefined,
  );
}
