import { createHash } from 'node:crypto';

import { KeystoreError } from './error.ts';
import { requiredFingerprint } from './fingerprint-octets.ts';
import type {
  CertificateRecord,
  Change,
  ChangeKind,
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
import { MemoryDocuments } from './memory-documents.ts';
import { writePageToken } from './page-token.ts';
import { readSearch, requiredSequence } from './search.ts';
import { readTerm, termSet } from './term-octets.ts';
import { requiredTombstone } from './tombstone-row.ts';

interface Held {
  readonly bytes: Uint8Array;
  /** As from `termSet`, one character an octet. */
  readonly terms: ReadonlySet<string>;
}

export interface MemoryKeystoreOptions {
  /** Milliseconds since 1970; the times of the change log. */
  readonly now: () => number;
}

/** A keystore that is gone with the process: for tests and demonstrations. A search looks at every carrier. */
export class MemoryKeystore implements Keystore {
  readonly #now: () => number;
  readonly #held = new Map<string, Held>();
  /** Fingerprints by term. */
  readonly #carriers = new Map<string, Set<string>>();
  readonly #tombstones = new Map<string, Tombstone>();
  readonly #documents = new MemoryDocuments();
  readonly #log: Change[] = [];
  readonly #watchers: Watcher[] = [];
  #closed = false;

  constructor(options: MemoryKeystoreOptions) {
    this.#now = options.now;
  }

  async get(fingerprint: string): Promise<CertificateRecord | undefined> {
    this.#assertOpen();
    return this.#record(fingerprint);
  }

  async bytes(fingerprint: string): Promise<Uint8Array | undefined> {
    this.#assertOpen();
    return this.#held.get(fingerprint)?.bytes.slice();
  }

  async find(terms: readonly Term[], page: PageRequest): Promise<Page> {
    this.#assertOpen();
    const search = readSearch(terms, page);
    const after = search.after?.toString('hex').toUpperCase() ?? '';
    const [first, ...others] = search.terms
      .map((term): ReadonlySet<string> => this.#carriers.get(latin1(term)) ?? new Set())
      .toSorted((a, b) => a.size - b.size);
    const found = [...(first ?? [])]
      .filter((fingerprint) => fingerprint > after && others.every((carriers) => carriers.has(fingerprint)))
      .toSorted();
    const fingerprints = found.slice(0, search.limit);
    const last = fingerprints.at(-1);
    if (found.length === fingerprints.length || last === undefined) return { fingerprints };
    return { fingerprints, next: writePageToken(search.terms, Buffer.from(last, 'hex')) };
  }

  /** Nothing in here waits, so an update is never interleaved with another. */
  async update(fingerprint: string, merge: Merge): Promise<Update> {
    this.#assertOpen();
    requiredFingerprint(fingerprint);
    if (this.#tombstones.has(fingerprint)) return { outcome: 'blocked', record: undefined };
    const record = this.#record(fingerprint);
    const wanted = merge(record);
    if (wanted === undefined) return { outcome: 'unchanged', record };
    if (wanted.fingerprint !== fingerprint) {
      throw new KeystoreError(
        'WRONG_FINGERPRINT',
        `The update of ${fingerprint} returned a record of ${wanted.fingerprint}.`,
      );
    }
    const held = this.#held.get(fingerprint);
    const next: Held = { bytes: wanted.bytes.slice(), terms: new Set(termSet(wanted.terms).map(latin1)) };
    if (held !== undefined && sameHeld(held, next)) return { outcome: 'unchanged', record };
    const kind = held === undefined ? 'inserted' : 'updated';
    this.#store(fingerprint, held, next);
    this.#note(kind, fingerprint, createHash('sha256').update(next.bytes).digest('hex'));
    const stored = recordOf(fingerprint, next);
    this.#tell(fingerprint, [...(record?.terms ?? []), ...stored.terms]);
    return { outcome: kind, record: stored };
  }

  async remove(tombstone: Tombstone): Promise<boolean> {
    this.#assertOpen();
    const kept = requiredTombstone(tombstone);
    const { fingerprint } = kept;
    const held = this.#held.get(fingerprint);
    const terms = this.#record(fingerprint)?.terms ?? [];
    const known = this.#tombstones.has(fingerprint);
    for (const term of held?.terms ?? []) this.#carriers.get(term)?.delete(fingerprint);
    this.#held.delete(fingerprint);
    this.#tombstones.set(fingerprint, kept);
    if (!known) this.#note('removed', fingerprint);
    this.#tell(fingerprint, terms);
    return held !== undefined;
  }

  async unblock(fingerprint: string): Promise<boolean> {
    this.#assertOpen();
    requiredFingerprint(fingerprint);
    const known = this.#tombstones.delete(fingerprint);
    if (known) this.#note('unblocked', fingerprint);
    return known;
  }

  async tombstones(fingerprints: readonly string[]): Promise<readonly Tombstone[]> {
    this.#assertOpen();
    return [...new Set(fingerprints)].flatMap((one) => this.#tombstones.get(one) ?? []);
  }

  allTombstones(): AsyncIterable<Tombstone> {
    this.#assertOpen();
    return this.#stepwise(() => this.#sortedTombstones());
  }

  async document(kind: string, id: string): Promise<Document | undefined> {
    this.#assertOpen();
    return this.#documents.get(kind, id);
  }

  documents(kind: string): AsyncIterable<Document> {
    this.#assertOpen();
    return this.#stepwise(this.#documents.ofKind(kind));
  }

  async putDocument(kind: string, id: string, value: unknown, expected: number): Promise<boolean> {
    this.#assertOpen();
    return this.#documents.put(kind, id, value, expected);
  }

  items(): AsyncIterable<StoreItem> {
    this.#assertOpen();
    return this.#stepwise((): StoreItem[] => [
      ...this.#records().map((record) => ({ type: 'certificate' as const, record })),
      ...this.#sortedTombstones().map((tombstone) => ({ type: 'tombstone' as const, tombstone })),
      ...this.#documents.all().map((document) => ({ type: 'document' as const, document })),
      ...this.#log.map((change) => ({ type: 'change' as const, change })),
    ]);
  }

  changes(since: number): AsyncIterable<Change> {
    this.#assertOpen();
    const from = requiredSequence(since);
    return this.#stepwise(() => this.#log.slice(from));
  }

  async sequenceBefore(time: number): Promise<number> {
    this.#assertOpen();
    return this.#log.findLast((change) => change.time < time)?.sequence ?? 0;
  }

  records(): AsyncIterable<CertificateRecord> {
    this.#assertOpen();
    return this.#stepwise(() => this.#records());
  }

  watch(watcher: Watcher): void {
    this.#watchers.push(watcher);
  }

  async status(): Promise<KeystoreStatus> {
    this.#assertOpen();
    return { certificates: this.#held.size, sequence: this.#log.length };
  }

  async ready(): Promise<void> {
    this.#assertOpen();
  }

  async close(): Promise<void> {
    this.#closed = true;
  }

  async *#stepwise<T>(list: () => readonly T[]): AsyncGenerator<T> {
    this.#assertOpen();
    for (const item of list()) {
      yield item;
      this.#assertOpen();
    }
  }

  #record(fingerprint: string): CertificateRecord | undefined {
    const held = this.#held.get(fingerprint);
    return held === undefined ? undefined : recordOf(fingerprint, held);
  }

  #records(): CertificateRecord[] {
    return byFingerprint(this.#held).map(([fingerprint, its]) => recordOf(fingerprint, its));
  }

  #sortedTombstones(): Tombstone[] {
    return byFingerprint(this.#tombstones).map(([, tombstone]) => tombstone);
  }

  #tell(fingerprint: string, terms: readonly Term[]): void {
    for (const watcher of this.#watchers) watcher({ fingerprint, terms });
  }

  #note(kind: ChangeKind, fingerprint: string, digest?: string): void {
    this.#log.push({
      sequence: this.#log.length + 1,
      time: Math.max(this.#log.at(-1)?.time ?? 0, Math.floor(this.#now())),
      fingerprint,
      kind,
      ...(digest !== undefined && { digest }),
    });
  }

  #store(fingerprint: string, held: Held | undefined, next: Held): void {
    for (const term of held?.terms ?? []) this.#carriers.get(term)?.delete(fingerprint);
    for (const term of next.terms) {
      const carriers = this.#carriers.get(term) ?? new Set();
      this.#carriers.set(term, carriers.add(fingerprint));
    }
    this.#held.set(fingerprint, next);
  }

  #assertOpen(): void {
    if (this.#closed) throw new KeystoreError('CLOSED', 'The keystore is closed.');
  }
}

function byFingerprint<T>(all: ReadonlyMap<string, T>): [string, T][] {
  return [...all].toSorted(([a], [b]) => (a < b ? -1 : 1));
}

function recordOf(fingerprint: string, held: Held): CertificateRecord {
  const terms = [...held.terms].map((term) => readTerm(Buffer.from(term, 'latin1')));
  return { fingerprint, bytes: held.bytes.slice(), terms };
}

function sameHeld(a: Held, b: Held): boolean {
  return Buffer.compare(a.bytes, b.bytes) === 0 && [...a.terms].join('') === [...b.terms].join('');
}

function latin1(octets: Buffer): string {
  return octets.toString('latin1');
}
