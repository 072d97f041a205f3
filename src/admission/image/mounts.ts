import { closeSync, openSync, readFileSync, readSync } from 'node:fs';

import { MOUNTS_MAX_AGE } from '../limits.ts';

export interface Mount {
  /** Type of the file system. */
  readonly type: string;
  /** What is mounted: a device, a server's folder. As the kernel escapes it. */
  readonly source: string;
  /** Where, escaped like `source`. */
  readonly point: string;
  readonly readOnly: boolean;
}

/** By the number of the mount, which no other mount of the machine has. */
export type MountTable = ReadonlyMap<number, Mount>;

/** Fields of a line (proc(5), /proc/pid/mountinfo): the optional ones end with a dash. */
export function parseMounts(text: string): MountTable {
  const table = new Map<number, Mount>();
  for (const line of text.split('\n')) {
    const fields = line.split(' ');
    const dash = fields.indexOf('-', 6);
    const [id, , , , point, options] = fields;
    const [type, source] = fields.slice(dash + 1);
    if (dash < 0 || point === undefined || type === undefined || source === undefined) continue;
    const readOnly = options?.split(',').includes('ro') === true;
    table.set(Number(id), { type, source, point, readOnly });
  }
  return table;
}

export interface MountsOptions {
  /** Milliseconds since 1970. */
  readonly now: () => number;
  readonly read?: () => MountTable;
}

/** The mounts that this process sees. */
export class Mounts {
  readonly #options: MountsOptions;
  #table: MountTable = new Map();
  #readAt = -Infinity;

  constructor(options: MountsOptions) {
    this.#options = options;
  }

  /**
   * The mount that an open file was reached through. `hidden`: one that this process does not see, in another
   * namespace, where paths mean something else. Undefined: the system does not tell.
   */
  of(fd: number): Mount | 'hidden' | undefined {
    const id = mountIdOf(fd);
    if (id === undefined) return undefined;
    const now = this.#options.now();
    const age = now - this.#readAt;
    if (age < 0 || age > MOUNTS_MAX_AGE || !this.#table.has(id)) {
      this.#table = (this.#options.read ?? readMounts)();
      this.#readAt = now;
    }
    return this.#table.get(id) ?? 'hidden';
  }
}

function readMounts(): MountTable {
  return parseMounts(readFileSync('/proc/self/mountinfo', 'latin1'));
}

const INFO = Buffer.alloc(512);

/** What the kernel says of descriptors of this process by their numbers: a number below this has its file kept open. */
const KEPT_NUMBERS = 64;
const kept = new Map<number, number>();

/** On the way of every request, and by a file that is kept it is one read. */
function mountIdOf(fd: number): number | undefined {
  const id = /^mnt_id:\s*(\d+)$/m.exec(INFO.toString('latin1', 0, readInfo(fd)))?.[1];
  return id === undefined ? undefined : Number(id);
}

/** The octets that were read into `INFO`. Read from its beginning, the file tells of what the number stands for now. */
function readInfo(fd: number): number {
  const info = kept.get(fd) ?? openSync(`/proc/self/fdinfo/${fd}`, 'r');
  if (fd < KEPT_NUMBERS) kept.set(fd, info);
  try {
    return readSync(info, INFO, 0, INFO.length, 0);
  } finally {
    if (fd >= KEPT_NUMBERS) closeSync(info);
  }
}
