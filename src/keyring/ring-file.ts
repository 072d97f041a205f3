import { chmod, mkdir, readFile, realpath, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { removeLeftovers, writeAtomically } from './atomic-write.ts';
import { KeyringError } from './error.ts';
import { MAX_REREADS, MAX_RING_OCTETS } from './limits.ts';
import { withRingLock } from './ring-lock.ts';
import { systemCode, systemReason } from './system-reason.ts';

export interface RingFileOptions {
  /** Of this user alone: file 0600, folder 0700. Otherwise everybody may read the file, and the folder is left alone. */
  readonly confined: boolean;
  /** Takes what a person should know and no command has asked for. */
  readonly warn: (text: string) => void;
}

/** A keyring file: read whole, and changed as a whole, by one process at a time. */
export class RingFile {
  readonly path: string;
  readonly #options: RingFileOptions;

  constructor(path: string, options: RingFileOptions) {
    this.path = path;
    this.#options = options;
  }

  /** Nothing when the file is not there. Throws `UNREADABLE`, `TOO_LARGE`. */
  async read(): Promise<Uint8Array> {
    if (this.#options.confined) await this.#confine().catch(() => undefined);
    return (await this.#readNow(this.path)).bytes;
  }

  /**
   * Puts what `change` makes of the content in its place; undefined leaves it. `change` is called again when
   * another program, which knows nothing of our lock, has changed the file meanwhile. Throws `UNREADABLE`,
   * `UNWRITABLE`, `TOO_LARGE`, `BUSY`, `CHANGED`, and what `change` throws.
   */
  async update(change: (bytes: Uint8Array) => Promise<Uint8Array | undefined>): Promise<void> {
    const folder = dirname(this.path);
    await this.#writing(folder, async () => {
      await mkdir(folder, { recursive: true, mode: this.#options.confined ? 0o700 : 0o755 });
      if (this.#options.confined) await this.#confine();
    });
    // A keyring may be a symbolic link into somebody's collection of settings, and stays one.
    const target = await realpath(this.path).catch(() => this.path);
    await withRingLock(dirname(target), async () => {
      await removeLeftovers(dirname(target));
      for (let tries = 0; tries < MAX_REREADS; tries += 1) {
        if (await this.#tryUpdate(target, change)) return;
      }
      throw new KeyringError('CHANGED', `${this.path} is being changed by another program; try again later`);
    });
  }

  async #tryUpdate(
    target: string,
    change: (bytes: Uint8Array) => Promise<Uint8Array | undefined>,
  ): Promise<boolean> {
    const { bytes, state } = await this.#readNow(target);
    const changed = await change(bytes);
    if (changed === undefined) return true;
    if (changed.length > MAX_RING_OCTETS) throw this.#tooLarge();
    const mode = this.#options.confined ? 0o600 : 0o644;
    const unchanged = async (): Promise<boolean> => (await fileState(target)) === state;
    return this.#writing(target, () => writeAtomically(target, changed, { mode, unchanged }));
  }

  async #readNow(path: string): Promise<{ bytes: Uint8Array; state: string }> {
    try {
      const state = await fileState(path);
      if (state === ABSENT) return { bytes: new Uint8Array(), state };
      if ((await stat(path)).size > MAX_RING_OCTETS) throw this.#tooLarge();
      return { bytes: await readFile(path), state };
    } catch (cause) {
      if (cause instanceof KeyringError) throw cause;
      throw new KeyringError('UNREADABLE', `cannot read ${path}: ${systemReason(cause)}`, { cause });
    }
  }

  /** As Singularity does: keys are nobody else's, and who finds that they were readable is told. */
  async #confine(): Promise<void> {
    const folder = dirname(this.path);
    const mode = (await stat(folder)).mode & 0o777;
    if ((mode & 0o077) !== 0) {
      this.#options.warn(`Directory mode (${mode.toString(8)}) on ${folder} needs to be 700, fixing that...`);
      await chmod(folder, 0o700);
    }
    const own = await stat(this.path).catch(() => undefined);
    if (own !== undefined && (own.mode & 0o077) !== 0) {
      this.#options.warn(
        `File mode (${(own.mode & 0o777).toString(8)}) on ${this.path} needs to be 600, fixing that...`,
      );
      await chmod(this.path, 0o600);
    }
  }

  async #writing<T>(path: string, write: () => Promise<T>): Promise<T> {
    try {
      return await write();
    } catch (cause) {
      if (cause instanceof KeyringError) throw cause;
      throw new KeyringError('UNWRITABLE', `cannot write ${path}: ${systemReason(cause)}`, { cause });
    }
  }

  #tooLarge(): KeyringError {
    const most = MAX_RING_OCTETS / 1024 / 1024;
    return new KeyringError('TOO_LARGE', `${this.path} is larger than ${most} MiB, which no keyring is`);
  }
}

const ABSENT = 'absent';

/** Differs whenever the content may: every writer changes one of these. */
async function fileState(path: string): Promise<string> {
  try {
    const { ino, size, mtimeNs } = await stat(path, { bigint: true });
    return `${ino} ${size} ${mtimeNs}`;
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return ABSENT;
    throw error;
  }
}
