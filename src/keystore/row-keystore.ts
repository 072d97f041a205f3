import { removing, storing, unblocking } from './certificate-commit.ts';
import { CommitQueue } from './commit-queue.ts';
import { kindRange, requiredKind } from './document-row.ts';
import { KeystoreError } from './error.ts';
import { fingerprintOctets, fingerprintText, requiredFingerprint } from './fingerprint-octets.ts';
import { GatheredReads } from './gathered-reads.ts';
import { placeOf, plain, recordOf } from './held.ts';
import type { Held } from './held.ts';
import { KeyedLock } from './keyed-lock.ts';
import type {
  CertificateRecord,
  Change,
  Document,
  Keystore,
  KeystoreStatus,
  Merge,
  Page,
  PageRequest,
  StoreItem,
  Term,
  Tombstone,
  Update,
} from './keystore.ts';
import { writePageToken } from './page-token.ts';
import { carriersOfAll } from './postings.ts';
import { RowDocuments } from './row-documents.ts';
import { changesIn, documentsIn, itemsIn, recordsIn, tombstonesIn } from './row-items.ts';
import { certificateKey, corrupt, logKey, readChange, tableRange, TABLES } from './row-layout.ts';
import type { Head } from './row-layout.ts';
import type { RowRange, RowReader, Rows } from './rows.ts';
import { readSearch, requiredSequence } from './search.ts';
import { openStoreHead } from './store-head.ts';
import { termSet } from './term-octets.ts';
import { readTombstone, requiredTombstone, tombstoneKey } from './tombstone-row.ts';

/** Begins or opens a keystore on rows. `folder` is named in messages. */
export async function openRowKeystore(rows: Rows, folder: string, now: () => number): Promise<Keystore> {
  return new RowKeystore(rows, await openStoreHead(rows, folder), now);
}

class RowKeystore implements Keystore {
  readonly #rows: Rows;
  /** For what an update asks first. */
  readonly #reads: GatheredReads;
  readonly #commits: CommitQueue;
  readonly #documents: RowDocuments;
  readonly #lock = new KeyedLock();
  readonly #writes = new Set<Promise<unknown>>();
  /** Asked for every upload; most stores have none, and no other process gives them any. */
  #haveTombstones: Promise<boolean> | undefined;
  #closing: Promise<void> | undefined;

  constructor(rows: Rows, head: Head, now: () => number) {
    this.#rows = rows;
    this.#reads = new GatheredReads(rows);
    this.#commits = new CommitQueue(rows, head, now);
    this.#documents = new RowDocuments(rows, this.#commits);
  }

  async bytes(fingerprint: string): Promise<Uint8Array | undefined> {
    this.#assertOpen();
    const octets = fingerprintOctets(fingerprint);
    if (octets === undefined) return undefined;
    const value = await this.#rows.get(certificateKey(octets));
    return value === undefined ? undefined : plain(value);
  }

  async get(fingerprint: string): Promise<CertificateRecord | undefined> {
    this.#assertOpen();
    const octets = fingerprintOctets(fingerprint);
    if (octets === undefined) return undefined;
    const { held } = await placeOf(this.#rows, octets);
    return held === undefined ? undefined : recordOf(fingerprint, held);
  }

  async find(terms: readonly Term[], page: PageRequest): Promise<Page> {
    this.#assertOpen();
    const search = readSearch(terms, page);
    const count = search.limit + 1;
    const snapshot = this.#rows.snapshot();
    try {
      const found = await carriersOfAll(snapshot, { terms: search.terms, after: search.after, count });
      const shown = found.slice(0, search.limit);
      const fingerprints = shown.map(fingerprintText);
      const last = shown.at(-1);
      if (found.length < count || last === undefined) return { fingerprints };
      return { fingerprints, next: writePageToken(search.terms, last) };
    } finally {
      await snapshot.close();
    }
  }

  async update(fingerprint: string, merge: Merge): Promise<Update> {
    this.#assertOpen();
    const octets = requiredFingerprint(fingerprint);
    return this.#write(fingerprint, () => this.#update(fingerprint, octets, merge));
  }

  async remove(tombstone: Tombstone): Promise<boolean> {
    this.#assertOpen();
    const { fingerprint } = tombstone;
    const octets = requiredFingerprint(fingerprint);
    const kept = requiredTombstone(tombstone);
    this.#haveTombstones = Promise.resolve(true);
    return this.#write(fingerprint, async () => {
      const { held, tombstone: before } = await placeOf(this.#reads, octets);
      await this.#commits.add(removing(octets, held, kept, before !== undefined));
      return held !== undefined;
    });
  }

  async unblock(fingerprint: string): Promise<boolean> {
    this.#assertOpen();
    const octets = requiredFingerprint(fingerprint);
    return this.#write(fingerprint, async () => {
      if ((await this.#rows.get(tombstoneKey(octets))) === undefined) return false;
      await this.#commits.add(unblocking(octets));
      return true;
    });
  }

  async tombstones(fingerprints: readonly string[]): Promise<readonly Tombstone[]> {
    this.#assertOpen();
    this.#haveTombstones ??= hasRows(this.#rows, tableRange(TABLES.tombstone));
    if (!(await this.#haveTombstones)) return [];
    const keys = [...new Set(fingerprints)].flatMap((one) => {
      const octets = fingerprintOctets(one);
      return octets === undefined ? [] : [tombstoneKey(octets)];
    });
    const values = await this.#reads.getMany(keys);
    return keys.flatMap((key, index) => {
      const value = values[index];
      return value === undefined ? [] : [readTombstone(key, value)];
    });
  }

  allTombstones(): AsyncIterable<Tombstone> {
    this.#assertOpen();
    return this.#asOfFirstStep(tombstonesIn);
  }

  async document(kind: string, id: string): Promise<Document | undefined> {
    this.#assertOpen();
    return this.#documents.get(kind, id);
  }

  documents(kind: string): AsyncIterable<Document> {
    this.#assertOpen();
    const range = kindRange(requiredKind(kind));
    return this.#asOfFirstStep((reader) => documentsIn(reader, range));
  }

  async putDocument(kind: string, id: string, value: unknown, expected: number): Promise<boolean> {
    this.#assertOpen();
    return this.#awaited(this.#documents.put(kind, id, value, expected));
  }

  items(): AsyncIterable<StoreItem> {
    this.#assertOpen();
    return this.#asOfFirstStep(itemsIn);
  }

  changes(since: number): AsyncIterable<Change> {
    this.#assertOpen();
    const until = this.#commits.head.sequence;
    const from = Math.min(requiredSequence(since), until);
    return changesIn(this.#rows, { gt: logKey(from), lte: logKey(until) });
  }

  async sequenceBefore(time: number): Promise<number> {
    this.#assertOpen();
    let [before, end] = [0, this.#commits.head.sequence + 1];
    // `before` is earlier than `time` (or 0), `end` is not (or past the log).
    while (end - before > 1) {
      const middle = before + Math.floor((end - before) / 2);
      const value = await this.#rows.get(logKey(middle));
      if (value === undefined) throw corrupt(`Change ${middle} is missing from the change log.`);
      if (readChange(middle, value).time < time) before = middle;
      else end = middle;
    }
    return before;
  }

  records(): AsyncIterable<CertificateRecord> {
    this.#assertOpen();
    return this.#asOfFirstStep(recordsIn);
  }

  async status(): Promise<KeystoreStatus> {
    this.#assertOpen();
    const { certificates, sequence } = this.#commits.head;
    return { certificates, sequence };
  }

  async ready(): Promise<void> {
    this.#assertOpen();
    this.#commits.assertWhole();
  }

  async close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    await Promise.allSettled(this.#writes);
    await this.#rows.close();
  }

  async #update(fingerprint: string, octets: Buffer, merge: Merge): Promise<Update> {
    const { held, tombstone } = await placeOf(this.#reads, octets);
    if (tombstone !== undefined) return { outcome: 'blocked', record: undefined };
    const record = held === undefined ? undefined : recordOf(fingerprint, held);
    const wanted = merge(record);
    if (wanted === undefined) return { outcome: 'unchanged', record };
    if (wanted.fingerprint !== fingerprint) throw wrongFingerprint(fingerprint, wanted.fingerprint);
    // A copy: what the caller does with its array afterwards is its own affair.
    const bytes = wanted.bytes.slice();
    const next: Held = { bytes, terms: Buffer.concat(termSet(wanted.terms)) };
    if (held !== undefined && next.terms.equals(held.terms) && Buffer.compare(bytes, held.bytes) === 0) {
      return { outcome: 'unchanged', record };
    }
    await this.#commits.add(storing(octets, held, next));
    return { outcome: held === undefined ? 'inserted' : 'updated', record: recordOf(fingerprint, next) };
  }

  /** Runs a write of a fingerprint after those before it; `close` waits for it. */
  async #write<T>(fingerprint: string, work: () => Promise<T>): Promise<T> {
    return this.#awaited(this.#lock.run(fingerprint, work));
  }

  async #awaited<T>(write: Promise<T>): Promise<T> {
    this.#writes.add(write);
    try {
      return await write;
    } finally {
      this.#writes.delete(write);
    }
  }

  async *#asOfFirstStep<T>(read: (reader: RowReader) => AsyncIterable<T>): AsyncGenerator<T> {
    this.#assertOpen();
    const snapshot = this.#rows.snapshot();
    try {
      yield* read(snapshot);
    } finally {
      await snapshot.close();
    }
  }

  #assertOpen(): void {
    if (this.#closing !== undefined) throw new KeystoreError('CLOSED', 'The keystore is closed.');
  }
}

async function hasRows(rows: RowReader, range: RowRange): Promise<boolean> {
  for await (const _ of rows.scanKeys({ ...range, limit: 1 }, 1)) return true;
  return false;
}

function wrongFingerprint(named: string, returned: string): KeystoreError {
  return new KeystoreError('WRONG_FINGERPRINT', `The update of ${named} returned a record of ${returned}.`);
}
