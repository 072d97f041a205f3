/* What the log does with its newest file. Tests put a full or failing disk in its place. */
import { fdatasync, ftruncateSync, statSync, writeSync } from 'node:fs';

export interface LogDisk {
  /** Octets written, at least one; throws when there is no room for any. */
  write(fd: number, octets: Buffer, offset: number, position: number): number;
  truncate(fd: number, size: number): void;
  /** Resolves when what was written is on the disk. */
  sync(fd: number): Promise<void>;
  /** Undefined: there is no such file. */
  stat(path: string): { readonly inode: bigint; readonly size: bigint } | undefined;
}

export const logDisk: LogDisk = {
  write: (fd, octets, offset, position) => writeSync(fd, octets, offset, octets.length - offset, position),
  truncate: ftruncateSync,
  sync: (fd) =>
    new Promise((resolve, reject) => {
      fdatasync(fd, (error) => (error === null ? resolve() : reject(error)));
    }),
  stat: (path) => {
    const found = statSync(path, { bigint: true, throwIfNoEntry: false });
    return found === undefined ? undefined : { inode: found.ino, size: found.size };
  },
};
