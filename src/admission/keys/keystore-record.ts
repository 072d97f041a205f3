import type { StateDb, Table } from '../table.ts';

/** How a keystore fared so far. Milliseconds since 1970. Kept over restarts as it is here. */
export interface KeystoreRecord {
  /** Undefined: not asked yet. */
  readonly changeLog?: { readonly log: string | undefined; readonly sequence: number } | 'none';
  /** When one that has no change log is asked again whether it has one. */
  readonly changeLogDue: number;
  /** How often it failed since it last answered; 0: it is up. */
  readonly failures: number;
  readonly problem?: string;
  readonly lastSuccess?: number;
  /** Not asked before then while it fails. */
  readonly nextTry: number;
}

const NEW: KeystoreRecord = { changeLogDue: 0, failures: 0, nextTry: 0 };

/** The records of keystores, by name. */
export class KeystoreRecords {
  readonly #table: Table<KeystoreRecord>;
  readonly #records = new Map<string, KeystoreRecord>();

  private constructor(table: Table<KeystoreRecord>) {
    this.#table = table;
  }

  static async open(db: StateDb): Promise<KeystoreRecords> {
    const table = db.table<KeystoreRecord>('keystores');
    const records = new KeystoreRecords(table);
    for await (const [name, record] of table.entries()) records.#records.set(name, record);
    return records;
  }

  get(name: string): KeystoreRecord {
    return this.#records.get(name) ?? NEW;
  }

  async put(name: string, record: KeystoreRecord): Promise<void> {
    this.#records.set(name, record);
    await this.#table.put(name, record);
  }
}
