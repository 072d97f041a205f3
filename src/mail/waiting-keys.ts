import type { Keystore } from '../keystore/keystore.ts';
import { parseCertificate, serializeCertificate } from '../openpgp/certificate.ts';
import type { Certificate } from '../openpgp/certificate.ts';
import { mergeCertificates } from '../openpgp/merge.ts';
import { MAX_WAITING, MAX_WAITING_OCTETS, TOKEN_LIFETIME } from './limits.ts';
import { readWaiting, WAITING_KIND } from './proof-record.ts';
import type { WaitingRecord } from './proof-record.ts';
import { Shelf } from './shelf.ts';

/** Pushed keys that wait for proofs. Nobody can look them up. */
export class WaitingKeys {
  readonly #keystore: Keystore;
  readonly #now: () => number;
  readonly #shelf: Shelf;

  constructor(keystore: Keystore, now: () => number) {
    this.#keystore = keystore;
    this.#now = now;
    this.#shelf = new Shelf(keystore, WAITING_KIND, MAX_WAITING);
  }

  /**
   * Keeps a checked certificate, united with what waits of it already, for as long as a link in a mail is good.
   * `addressesOf` says what is to be proven of the whole. False when there is no room for it.
   */
  async keep(
    certificate: Certificate,
    addressesOf: (whole: Certificate) => readonly string[],
  ): Promise<boolean> {
    const { fingerprint } = certificate.primary.key;
    const now = this.#now();
    for (;;) {
      const document = await this.#keystore.document(WAITING_KIND, fingerprint);
      const before = document === undefined ? undefined : readWaiting(document);
      const whole =
        before === undefined ? certificate : mergeCertificates(parseCertificate(before.bytes), certificate);
      const bytes = serializeCertificate(whole);
      if (bytes.length > MAX_WAITING_OCTETS) return false;
      if (document === undefined && !(await this.#shelf.hasRoom(now))) return false;
      const value = {
        bytes: Buffer.from(bytes).toString('base64'),
        addresses: addressesOf(whole),
        expires: now + TOKEN_LIFETIME,
      };
      // Lost against a push of the same key: unite with that, too.
      if (await this.#keystore.putDocument(WAITING_KIND, fingerprint, value, document?.version ?? 0))
        return true;
    }
  }

  /** Undefined when none waits, or it has waited for too long. */
  async bytes(fingerprint: string): Promise<Uint8Array | undefined> {
    const document = await this.#keystore.document(WAITING_KIND, fingerprint);
    const record = document === undefined ? undefined : readWaiting(document);
    return record !== undefined && this.#isGood(record) ? record.bytes : undefined;
  }

  /** Fingerprints of those that an address is on. */
  async carrying(address: string): Promise<readonly string[]> {
    const carriers: string[] = [];
    for await (const document of this.#keystore.documents(WAITING_KIND)) {
      const record = readWaiting(document);
      if (this.#isGood(record) && record.addresses.includes(address)) carriers.push(document.id);
    }
    return carriers;
  }

  async forget(fingerprint: string): Promise<void> {
    const document = await this.#keystore.document(WAITING_KIND, fingerprint);
    if (document === undefined) return;
    // When it is lost, the key was pushed again meanwhile: that push waits by itself.
    await this.#keystore.putDocument(WAITING_KIND, fingerprint, undefined, document.version);
  }

  #isGood({ expires }: WaitingRecord): boolean {
    return expires > this.#now();
  }
}
