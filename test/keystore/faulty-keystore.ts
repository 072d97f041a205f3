import { KeystoreError } from '../../src/keystore/error.ts';
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
} from '../../src/keystore/keystore.ts';
import type { Fault } from './contract-faults.ts';

/** A keystore whose next writes fail as told. For the tests of whatever uses a keystore. */
export class FaultyKeystore implements Keystore {
  /** Taken one a write; when it is empty, writes succeed. */
  readonly faults: Fault[] = [];
  readonly #below: Keystore;

  constructor(below: Keystore) {
    this.#below = below;
  }

  update(fingerprint: string, merge: Merge): Promise<Update> {
    return this.#faulty(() => this.#below.update(fingerprint, merge));
  }

  remove(tombstone: Tombstone): Promise<boolean> {
    return this.#faulty(() => this.#below.remove(tombstone));
  }

  unblock(fingerprint: string): Promise<boolean> {
    return this.#faulty(() => this.#below.unblock(fingerprint));
  }

  putDocument(kind: string, id: string, value: unknown, expected: number): Promise<boolean> {
    return this.#faulty(() => this.#below.putDocument(kind, id, value, expected));
  }

  tombstones(fingerprints: readonly string[]): Promise<readonly Tombstone[]> {
    return this.#below.tombstones(fingerprints);
  }

  allTombstones(): AsyncIterable<Tombstone> {
    return this.#below.allTombstones();
  }

  document(kind: string, id: string): Promise<Document | undefined> {
    return this.#below.document(kind, id);
  }

  documents(kind: string): AsyncIterable<Document> {
    return this.#below.documents(kind);
  }

  items(): AsyncIterable<StoreItem> {
    return this.#below.items();
  }

  get(fingerprint: string): Promise<CertificateRecord | undefined> {
    return this.#below.get(fingerprint);
  }

  bytes(fingerprint: string): Promise<Uint8Array | undefined> {
    return this.#below.bytes(fingerprint);
  }

  find(terms: readonly Term[], page: PageRequest): Promise<Page> {
    return this.#below.find(terms, page);
  }

  changes(since: number): AsyncIterable<Change> {
    return this.#below.changes(since);
  }

  sequenceBefore(time: number): Promise<number> {
    return this.#below.sequenceBefore(time);
  }

  records(): AsyncIterable<CertificateRecord> {
    return this.#below.records();
  }

  status(): Promise<KeystoreStatus> {
    return this.#below.status();
  }

  ready(): Promise<void> {
    return this.#below.ready();
  }

  close(): Promise<void> {
    return this.#below.close();
  }

  async #faulty<T>(write: () => Promise<T>): Promise<T> {
    const fault = this.faults.shift();
    if (fault === 'fails but persists') await write();
    if (fault !== undefined) throw new KeystoreError('WRITE_FAILED', `The disk ${fault}.`);
    return write();
  }
}
