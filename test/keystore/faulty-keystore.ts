import { KeystoreError } from '../../src/keystore/error.ts';
import type {
  CertificateRecord,
  Change,
  Keystore,
  KeystoreStatus,
  Merge,
  Page,
  PageRequest,
  Term,
  Update,
} from '../../src/keystore/keystore.ts';

/** Where an update fails: before anything is stored, or after all of it is, as databases do. */
export type Fault = 'fails and does not persist' | 'fails but persists';

/** A keystore whose next updates fail as told. For the tests of whatever uses a keystore. */
export class FaultyKeystore implements Keystore {
  /** Taken one an update; when it is empty, updates succeed. */
  readonly faults: Fault[] = [];
  readonly #below: Keystore;

  constructor(below: Keystore) {
    this.#below = below;
  }

  async update(fingerprint: string, merge: Merge): Promise<Update> {
    const fault = this.faults.shift();
    if (fault === 'fails but persists') await this.#below.update(fingerprint, merge);
    if (fault !== undefined) throw new KeystoreError('WRITE_FAILED', `The disk ${fault}.`);
    return this.#below.update(fingerprint, merge);
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
}
