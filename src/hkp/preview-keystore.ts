/* A keystore in front of another in which everything can be tried and nothing is stored. */
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
} from '../keystore/keystore.ts';
import { joinedTerms, readTerms } from '../keystore/term-octets.ts';

/** A certificate as it is held, and as it would be. */
export interface Tried {
  readonly before: CertificateRecord | undefined;
  readonly after: CertificateRecord;
}

/**
 * Reads what the keystore holds; what is written stays in here. Searches and listings see the keystore only:
 * a certificate that is being tried is found by its fingerprint alone.
 */
export class PreviewKeystore implements Keystore {
  readonly #keystore: Keystore;
  readonly #tried = new Map<string, Tried>();

  constructor(keystore: Keystore) {
    this.#keystore = keystore;
  }

  /** What was written, by fingerprint. */
  get tried(): ReadonlyMap<string, Tried> {
    return this.#tried;
  }

  async get(fingerprint: string): Promise<CertificateRecord | undefined> {
    return this.#tried.get(fingerprint)?.after ?? (await this.#keystore.get(fingerprint));
  }

  async bytes(fingerprint: string): Promise<Uint8Array | undefined> {
    return (await this.get(fingerprint))?.bytes;
  }

  find(terms: readonly Term[], page: PageRequest): Promise<Page> {
    return this.#keystore.find(terms, page);
  }

  async update(fingerprint: string, merge: Merge): Promise<Update> {
    const [tombstone] = await this.#keystore.tombstones([fingerprint]);
    if (tombstone !== undefined) return { outcome: 'blocked', record: undefined };
    const held = await this.get(fingerprint);
    const wanted = merge(held);
    const merged = wanted && { ...wanted, terms: readTerms(joinedTerms(wanted.terms)) };
    if (merged === undefined || (held !== undefined && isSame(held, merged))) {
      if (held !== undefined && !this.#tried.has(fingerprint)) {
        this.#tried.set(fingerprint, { before: held, after: held });
      }
      return { outcome: 'unchanged', record: held };
    }
    const before = this.#tried.has(fingerprint) ? this.#tried.get(fingerprint)?.before : held;
    this.#tried.set(fingerprint, { before, after: merged });
    return { outcome: held === undefined ? 'inserted' : 'updated', record: merged };
  }

  async remove({ fingerprint }: Tombstone): Promise<boolean> {
    return this.#tried.delete(fingerprint);
  }

  async unblock(): Promise<boolean> {
    return false;
  }

  tombstones(fingerprints: readonly string[]): Promise<readonly Tombstone[]> {
    return this.#keystore.tombstones(fingerprints);
  }

  allTombstones(): AsyncIterable<Tombstone> {
    return this.#keystore.allTombstones();
  }

  document(kind: string, id: string): Promise<Document | undefined> {
    return this.#keystore.document(kind, id);
  }

  documents(kind: string): AsyncIterable<Document> {
    return this.#keystore.documents(kind);
  }

  async putDocument(): Promise<boolean> {
    return true;
  }

  items(): AsyncIterable<StoreItem> {
    return this.#keystore.items();
  }

  changes(since: number): AsyncIterable<Change> {
    return this.#keystore.changes(since);
  }

  sequenceBefore(time: number): Promise<number> {
    return this.#keystore.sequenceBefore(time);
  }

  records(): AsyncIterable<CertificateRecord> {
    return this.#keystore.records();
  }

  status(): Promise<KeystoreStatus> {
    return this.#keystore.status();
  }

  ready(): Promise<void> {
    return this.#keystore.ready();
  }

  /** The keystore behind stays open. */
  async close(): Promise<void> {
    this.#tried.clear();
  }
}

/** Terms follow from the bytes, so the bytes say it all. */
function isSame(held: CertificateRecord, merged: CertificateRecord): boolean {
  return Buffer.compare(held.bytes, merged.bytes) === 0;
}
