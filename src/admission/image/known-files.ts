import { LatelyUsed } from '../lately-used.ts';
import { MAX_KNOWN_FILES } from '../limits.ts';
import type { Table } from '../table.ts';
import type { FileIdentity } from './file-identity.ts';

/** What a file held when it was read. */
export interface KnownFile {
  /** The start of the machine: numbers of devices and times say nothing across it. */
  readonly boot: string;
  readonly state: string;
  readonly sha256: string;
  /** Milliseconds since 1970: when reading began. */
  readonly verifiedAt: number;
}

/** Which file holds which content. Never what was decided about it. */
export class KnownFiles {
  readonly #table: Table<KnownFile>;
  readonly #boot: string;
  readonly #files: LatelyUsed<KnownFile>;

  private constructor(table: Table<KnownFile>, boot: string, files: LatelyUsed<KnownFile>) {
    this.#table = table;
    this.#boot = boot;
    this.#files = files;
  }

  /** Forgets what was known before the machine was started. */
  static async open(table: Table<KnownFile>, boot: string): Promise<KnownFiles> {
    const files = new LatelyUsed<KnownFile>();
    const old: string[] = [];
    for await (const [file, known] of table.entries()) {
      if (known.boot === boot && files.size < MAX_KNOWN_FILES) files.set(file, known);
      else old.push(file);
    }
    for (const file of old) await table.delete(file);
    return new KnownFiles(table, boot, files);
  }

  /** Undefined when it is not known, or was in another state. */
  get({ file, state }: FileIdentity): KnownFile | undefined {
    return this.#files.peek(file)?.state === state ? this.#files.get(file) : undefined;
  }

  /** As `get`, for whom does not use it: it does not stay for that. */
  peek({ file, state }: FileIdentity): KnownFile | undefined {
    const known = this.#files.peek(file);
    return known?.state === state ? known : undefined;
  }

  /** Whatever state it was in. */
  lastOf(file: string): KnownFile | undefined {
    return this.#files.peek(file);
  }

  async forget(file: string): Promise<void> {
    if (this.#files.delete(file)) await this.#table.delete(file);
  }

  async keep({ file, state }: FileIdentity, sha256: string, verifiedAt: number): Promise<void> {
    const known = { boot: this.#boot, state, sha256, verifiedAt };
    this.#files.set(file, known);
    const { oldest } = this.#files;
    if (this.#files.size > MAX_KNOWN_FILES && oldest !== undefined) {
      this.#files.delete(oldest);
      await this.#table.delete(oldest);
    }
    await this.#table.put(file, known);
  }
}
