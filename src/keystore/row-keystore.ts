import { AloneCommits } from './alone-commits.ts';
import { removing, storing, unblocking } from './certificate-commit.ts';
import { CommitQueue } from './commit-queue.ts';
import type { Commits } from './commits.ts';
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
  Watcher,
} from './keystore.ts';
import { UPDATE_READS } from './limits.ts';
import { writePageToken } from './page-token.ts';
import { carriersOfAll, type Intersection } from './postings.ts';
import { RowDocuments } from './row-documents.ts';
import { changesIn, documentsIn, itemsIn, recordsIn, tombstonesIn } from './row-items.ts';
import { certificateKey, corrupt, logKey, readChange } from './row-layout.ts';
import { RowTombstones } from './row-tombstones.ts';
import type { RowReader, Rows, SharedRows } from './rows.ts';
import { readSearch, requiredSequence } from './search.ts';
import { SharedCommits } from './shared-commits.ts';
import { openSharedStore, openStoreHead } from './store-head.ts';
import { joinedTerms } from './term-octets.ts';
import { requiredTombstone, tombstoneKey } from './tombstone-row.ts';
import { untilStored } from './until-stored.ts';

/** Begins or opens a keystore on rows that nobody else writes. `folder` is named in messages. */
export async function openRowKeystore(rows: Rows, folder: string, now: () => number): Promise<Keystore> {
  const head = await openStoreHead(rows, folder);
  return new RowKeystore(rows, new AloneCommits(rows, head, now));
}

/** Begins or opens a keystore on rows that other processes may write, too. `place` is named in messages. */
export async function openSharedKeystore(
  rows: SharedRows,
  place: string,
  now: () => number,
): Promise<Keystore> {
  await openSharedStore(rows, place);
  return new RowKeystore(rows, new SharedCommits(rows, now));
}

class RowKeystore implements Keystore {
  readonly #rows: Rows;
  /** For what an update asks first. */
  readonly #reads: GatheredReads;
  readonly #commits: Commits;
  readonly #queue: CommitQueue;
  readonly #documents: RowDocuments;
  readonly #tombstones: RowTombstones;
  readonly #lock = new KeyedLock();
  readonly #writes = new Set<Promise<unknown>>();
  readonly #watchers: Watcher[] = [];
  readonly watch?: (watcher: Watcher) => void;
  #closing: Promise<void> | undefined;

  constructor(rows: Rows, commits: Commits) {
    this.#rows = rows;
    this.#reads = new GatheredReads(rows, UPDATE_READS);
    this.#commits = commits;
    this.#queue = new CommitQueue(commits);
    this.#documents = new RowDocuments(rows, this.#queue);
    this.#tombstones = new RowTombstones(rows, this.#reads, commits);
    if (!commits.shared) this.watch = (watcher) => void this.#watchers.push(watcher);
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
    const found = await this.#carriers({ terms: search.terms, after: search.after, count });
    const shown = found.slice(0, search.limit);
    const fingerprints = shown.map(fingerprintText);
    const last = shown.at(-1);
    if (found.length < count || last === undefined) return { fingerprints };
    return { fingerprints, next: writePageToken(search.terms, last) };
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
    this.#tombstones.willPut();
    return this.#write(fingerprint, async () => {
      const place = await placeOf(this.#reads, octets);
      if (!(await this.#queue.add(removing(octets, place, kept)))) return undefined;
      const { held } = place;
      this.#tell(fingerprint, () => (held === undefined ? [] : recordOf(fingerprint, held).terms));
      return held !== undefined;
    });
  }

  async unblock(fingerprint: string): Promise<boolean> {
    this.#assertOpen();
    const octets = requiredFingerprint(fingerprint);
    return this.#write(fingerprint, async () => {
      const tombstone = await this.#rows.get(tombstoneKey(octets));
      if (tombstone === undefined) return false;
      return (await this.#queue.add(unblocking(octets, tombstone))) ? true : undefined;
    });
  }

  async tombstones(fingerprints: readonly string[]): Promise<readonly Tombstone[]> {
    this.#assertOpen();
    return this.#tombstones.among(fingerprints);
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
    return this.#changes(requiredSequence(since));
  }

  async sequenceBefore(time: number): Promise<number> {
    this.#assertOpen();
    const { sequence } = await this.#commits.head();
    let [before, end] = [0, sequence + 1];
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
    const { certificates, sequence } = await this.#commits.head();
    return { certificates, sequence };
  }

  async ready(): Promise<void> {
    this.#assertOpen();
    await this.#commits.ready();
  }

  async close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    await Promise.allSettled(this.#writes);
    await this.#rows.close();
  }

  async *#changes(since: number): AsyncGenerator<Change> {
    this.#assertOpen();
    const { sequence: until } = await this.#commits.head();
    yield* changesIn(this.#rows, { gt: logKey(Math.min(since, until)), lte: logKey(until) });
  }

  /** Undefined: another changed the certificate meanwhile. */
  async #update(fingerprint: string, octets: Buffer, merge: Merge): Promise<Update | undefined> {
    const place = await placeOf(this.#reads, octets, { noTombstones: this.#tombstones.none });
    const { held, tombstone } = place;
    if (tombstone !== undefined) return { outcome: 'blocked', record: undefined };
    const record = held === undefined ? undefined : recordOf(fingerprint, held);
    const wanted = merge(record);
    if (wanted === undefined) return { outcome: 'unchanged', record };
    if (wanted.fingerprint !== fingerprint) throw wrongFingerprint(fingerprint, wanted.fingerprint);
    // A copy: what the caller does with its array afterwards is its own affair.
    const bytes = wanted.bytes.slice();
    const next: Held = { bytes, terms: joinedTerms(wanted.terms) };
    if (held !== undefined && next.terms.equals(held.terms) && Buffer.compare(bytes, held.bytes) === 0) {
      return { outcome: 'unchanged', record };
    }
    if (!(await this.#queue.add(storing(octets, place, next)))) return undefined;
    // Reading the terms back takes a tenth of the time of storing them, and few ask.
    this.#tell(fingerprint, () => [...(record?.terms ?? []), ...recordOf(fingerprint, next).terms]);
    return {
      outcome: held === undefined ? 'inserted' : 'updated',
      get record() {
        return recordOf(fingerprint, next);
      },
    };
  }

  async #carriers(wanted: Intersection): Promise<Buffer[]> {
    // One walk needs no second look at the same moment.
    if (wanted.terms.length === 1) return carriersOfAll(this.#rows, wanted);
    const snapshot = this.#rows.snapshot();
    try {
      return await carriersOfAll(snapshot, wanted);
    } finally {
      await snapshot.close();
    }
  }

  #tell(fingerprint: string, termsOf: () => readonly Term[]): void {
    if (this.#watchers.length === 0) return;
    const terms = termsOf();
    for (const watcher of this.#watchers) watcher({ fingerprint, terms });
  }

  /** Runs a write of a fingerprint after those before it, until it is stored; `close` waits for it. */
  #write<T>(fingerprint: string, work: () => Promise<T | undefined>): Promise<T> {
    return this.#awaited(this.#lock.run(fingerprint, () => untilStored(work)));
  }

  #awaited<T>(write: Promise<T>): Promise<T> {
    this.#writes.add(write);
    const forget = (): void => void this.#writes.delete(write);
    write.then(forget, forget);
    return write;
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

function wrongFingerprint(named: string, returned: string): KeystoreError {
  return new KeystoreError('WRONG_FINGERPRINT', `The update of ${named} returned a record of ${returned}.`);
}
