/*
 * The opposite of `items`: writes the rows of a store as another store had them, with its change log, so that
 * whoever follows the log goes on where he was.
 */
import { documentKey, requiredName, requiredValue, writeDocument } from './document-row.ts';
import { KeystoreError } from './error.ts';
import { requiredFingerprint } from './fingerprint-octets.ts';
import type { CertificateRecord, Change, StoreItem } from './keystore.ts';
import { MAX_BATCH_OCTETS } from './limits.ts';
import { openLevelRows } from './level.ts';
import {
  certificateKey,
  factsKey,
  FORMAT,
  FORMAT_KEY,
  HEAD_KEY,
  INDEX_VALUE,
  indexKey,
  logKey,
  readFacts,
  writeChange,
  writeFacts,
  writeHead,
} from './row-layout.ts';
import type { Rows, RowWrite } from './rows.ts';
import { termSet } from './term-octets.ts';
import { requiredTombstone, tombstoneKey, writeTombstone } from './tombstone-row.ts';

/** Changes whose certificates are looked up at a time. */
const CHANGES_PER_STEP = 1000;

/**
 * Writes items, in the order `items` gives them, into the empty or missing folder of a new store. Its figures and
 * its format come last: a store that was not written to its end is never opened. Throws `BAD_ITEM` for items in
 * another order or with gaps in the log, and what a write throws.
 */
export async function restoreLevelKeystore(folder: string, items: AsyncIterable<StoreItem>): Promise<void> {
  const rows = await openLevelRows(folder, { create: true });
  try {
    await restoreRows(rows, folder, items);
    // What is new lies in layers, in which lookups take longer.
    await rows.compact();
  } finally {
    await rows.close();
  }
}

/** The same into rows of which there are none yet. */
export async function restoreRows(rows: Rows, place: string, items: AsyncIterable<StoreItem>): Promise<void> {
  for await (const _ of rows.scanKeys({ limit: 1 }, 1)) {
    throw new KeystoreError('BAD_ITEM', `There is a store in ${place} already.`);
  }
  const restoration = new Restoration(rows);
  for await (const item of items) await restoration.add(item);
  await restoration.finish();
}

class Restoration {
  readonly #rows: Rows;
  #writes: RowWrite[] = [];
  #octets = 0;
  #changes: Change[] = [];
  #certificates = 0;
  #newest: Change | undefined;

  constructor(rows: Rows) {
    this.#rows = rows;
  }

  async add(item: StoreItem): Promise<void> {
    if (item.type === 'change') {
      await this.#addChange(item.change);
      return;
    }
    if (this.#newest !== undefined) throw new KeystoreError('BAD_ITEM', 'The change log is not the last.');
    if (item.type === 'certificate') this.#addCertificate(item.record);
    else if (item.type === 'tombstone') {
      const tombstone = requiredTombstone(item.tombstone);
      this.#put(tombstoneKey(requiredFingerprint(tombstone.fingerprint)), writeTombstone(tombstone));
    } else {
      const { kind, id, value, version } = item.document;
      this.#put(documentKey(requiredName(kind, id)), writeDocument(version, requiredValue(value)));
    }
    if (this.#octets >= MAX_BATCH_OCTETS) await this.#write();
  }

  async finish(): Promise<void> {
    await this.#writeChanges();
    const { sequence = 0, time = 0 } = this.#newest ?? {};
    this.#put(HEAD_KEY, writeHead({ sequence, certificates: this.#certificates, time }));
    this.#put(FORMAT_KEY, Buffer.from(FORMAT));
    await this.#write();
  }

  #addCertificate({ fingerprint, bytes, terms }: CertificateRecord): void {
    const octets = requiredFingerprint(fingerprint);
    const set = termSet(terms);
    this.#put(certificateKey(octets), Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength));
    // The sequence is known when the log is read.
    this.#put(factsKey(octets), writeFacts(0, Buffer.concat(set)));
    for (const term of set) this.#put(indexKey(term, octets), INDEX_VALUE);
    this.#certificates += 1;
  }

  async #addChange(change: Change): Promise<void> {
    if (change.sequence !== (this.#newest?.sequence ?? 0) + 1) {
      throw new KeystoreError('BAD_ITEM', `The change log has a gap before change ${change.sequence}.`);
    }
    if (this.#newest === undefined) await this.#write();
    this.#newest = change;
    this.#changes.push(change);
    if (this.#changes.length >= CHANGES_PER_STEP) await this.#writeChanges();
  }

  async #writeChanges(): Promise<void> {
    await this.#write();
    const newest = new Map<string, number>();
    for (const { sequence, time, kind, digest, fingerprint } of this.#changes) {
      const octets = requiredFingerprint(fingerprint);
      const value = digest === undefined ? undefined : Buffer.from(digest, 'hex');
      this.#put(logKey(sequence), writeChange(time, kind, value, octets));
      newest.set(fingerprint, sequence);
    }
    const keys = [...newest.keys()].map((fingerprint) => factsKey(requiredFingerprint(fingerprint)));
    const held = await this.#rows.getMany(keys);
    for (const [index, sequence] of [...newest.values()].entries()) {
      const [key, facts] = [keys[index], held[index]];
      if (key !== undefined && facts !== undefined) {
        this.#put(key, writeFacts(sequence, readFacts(facts).terms));
      }
    }
    this.#changes = [];
    await this.#write();
  }

  #put(key: Buffer, value: Buffer): void {
    this.#writes.push({ key, value });
    this.#octets += key.length + value.length;
  }

  async #write(): Promise<void> {
    if (this.#writes.length > 0) await this.#rows.write(this.#writes);
    this.#writes = [];
    this.#octets = 0;
  }
}
