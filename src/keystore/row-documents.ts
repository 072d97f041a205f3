import { seenRow } from './commit.ts';
import type { CommitQueue } from './commit-queue.ts';
import {
  documentKey,
  documentVersion,
  readDocument,
  requiredName,
  requiredValue,
  requiredVersion,
  writeDocument,
} from './document-row.ts';
import { KeyedLock } from './keyed-lock.ts';
import type { Document } from './keystore.ts';
import type { Rows } from './rows.ts';

/** The documents among the rows of a keystore. */
export class RowDocuments {
  readonly #rows: Rows;
  readonly #commits: CommitQueue;
  readonly #lock = new KeyedLock();

  constructor(rows: Rows, commits: CommitQueue) {
    this.#rows = rows;
    this.#commits = commits;
  }

  /** Throws `BAD_ITEM` for a name that no document can have. */
  async get(kind: string, id: string): Promise<Document | undefined> {
    const key = documentKey(requiredName(kind, id));
    const value = await this.#rows.get(key);
    return value === undefined ? undefined : readDocument(key, value);
  }

  async put(kind: string, id: string, value: unknown, expected: number): Promise<boolean> {
    const key = documentKey(requiredName(kind, id));
    const json = value === undefined ? undefined : requiredValue(value);
    requiredVersion(expected);
    return this.#lock.run(key.toString('latin1'), () => this.#put(key, json, expected));
  }

  async #put(key: Buffer, json: Buffer | undefined, expected: number): Promise<boolean> {
    const held = await this.#rows.get(key);
    if (documentVersion(held) !== expected) return false;
    if (json === undefined && expected === 0) return true;
    const write = json === undefined ? { key } : { key, value: writeDocument(expected + 1, json) };
    return this.#commits.add({
      seen: [seenRow(key, held)],
      logged: undefined,
      certificates: 0,
      octets: json?.length ?? 0,
      rows: () => [write],
    });
  }
}
