import { createHash } from 'node:crypto';

import { CommitQueue } from './commit-queue.ts';
import type { Commit } from './commit-queue.ts';
import { KeystoreError } from './error.ts';
import { fingerprintOctets, fingerprintText, requiredFingerprint } from './fingerprint-octets.ts';
import { KeyedLock } from './keyed-lock.ts';
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
} from './keystore.ts';
import { POSTINGS_PER_READ } from './limits.ts';
import { writePageToken } from './page-token.ts';
import { carriersOfAll } from './postings.ts';
import {
  certificateKey,
  corrupt,
  factsKey,
  logKey,
  readChange,
  readFacts,
  readLogKey,
  tableRange,
  TABLES,
} from './row-layout.ts';
import type { Head } from './row-layout.ts';
import type { Rows } from './rows.ts';
import { readSearch, requiredSequence } from './search.ts';
import { openStoreHead } from './store-head.ts';
import { readTerm, splitTerms, termSet } from './term-octets.ts';

/** A record as it is held: its terms as octets, so that comparing them is comparing bytes. */
interface Held {
  readonly bytes: Uint8Array;
  readonly terms: Buffer;
}

/** Begins or opens a keystore on rows. `folder` is named in messages. */
export async function openRowKeystore(rows: Rows, folder: string, now: () => number): Promise<Keystore> {
  return new RowKeystore(rows, await openStoreHead(rows, folder), now);
}

class RowKeystore implements Keystore {
  readonly #rows: Rows;
  readonly #commits: CommitQueue;
  readonly #lock = new KeyedLock();
  readonly #updates = new Set<Promise<Update>>();
  #closing: Promise<void> | undefined;

  constructor(rows: Rows, head: Head, now: () => number) {
    this.#rows = rows;
    this.#commits = new CommitQueue(rows, head, now);
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
    const held = await this.#held(octets);
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
    const update = this.#lock.run(fingerprint, () => this.#update(fingerprint, octets, merge));
    this.#updates.add(update);
    try {
      return await update;
    } finally {
      this.#updates.delete(update);
    }
  }

  changes(since: number): AsyncIterable<Change> {
    this.#assertOpen();
    return this.#changes(requiredSequence(since), this.#commits.head.sequence);
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
    return this.#records();
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
    await Promise.allSettled(this.#updates);
    await this.#rows.close();
  }

  async #update(fingerprint: string, octets: Buffer, merge: Merge): Promise<Update> {
    const held = await this.#held(octets);
    const record = held === undefined ? undefined : recordOf(fingerprint, held);
    const wanted = merge(record);
    if (wanted === undefined) return { outcome: 'unchanged', record };
    if (wanted.fingerprint !== fingerprint) throw wrongFingerprint(fingerprint, wanted.fingerprint);
    // A copy: what the caller does with its array afterwards is its own affair.
    const bytes = wanted.bytes.slice();
    const terms = termSet(wanted.terms);
    const next: Held = { bytes, terms: Buffer.concat(terms) };
    if (held !== undefined && next.terms.equals(held.terms) && Buffer.compare(bytes, held.bytes) === 0) {
      return { outcome: 'unchanged', record };
    }
    const commit = commitOf(octets, held, next, terms);
    await this.#commits.add(commit);
    return { outcome: commit.kind, record: recordOf(fingerprint, next) };
  }

  async #held(octets: Buffer): Promise<Held | undefined> {
    const [bytes, facts] = await this.#rows.getMany([certificateKey(octets), factsKey(octets)]);
    if (bytes === undefined && facts === undefined) return undefined;
    if (bytes === undefined || facts === undefined) {
      throw corrupt(`Only half of the certificate ${fingerprintText(octets)} is there.`);
    }
    return { bytes: plain(bytes), terms: readFacts(facts).terms };
  }

  async *#changes(since: number, until: number): AsyncGenerator<Change> {
    if (since >= until) return;
    const range = { gt: logKey(since), lte: logKey(until) };
    for await (const rows of this.#rows.scan(range, POSTINGS_PER_READ)) {
      for (const [key, value] of rows) {
        const sequence = readLogKey(key);
        if (sequence === undefined) throw corrupt('A row of the change log has an impossible name.');
        const { fingerprintOctets: _, ...change } = readChange(sequence, value);
        yield change;
      }
    }
  }

  async *#records(): AsyncGenerator<CertificateRecord> {
    this.#assertOpen();
    const snapshot = this.#rows.snapshot();
    try {
      for await (const rows of snapshot.scan(tableRange(TABLES.certificate), POSTINGS_PER_READ)) {
        const facts = await snapshot.getMany(rows.map(([key]) => factsKey(key.subarray(1))));
        for (const [index, [key, value]] of rows.entries()) {
          const fingerprint = fingerprintText(key.subarray(1));
          const its = facts[index];
          if (its === undefined) throw corrupt(`The search terms of ${fingerprint} are missing.`);
          yield recordOf(fingerprint, { bytes: plain(value), terms: readFacts(its).terms });
        }
      }
    } finally {
      await snapshot.close();
    }
  }

  #assertOpen(): void {
    if (this.#closing !== undefined) throw new KeystoreError('CLOSED', 'The keystore is closed.');
  }
}

function commitOf(fingerprint: Buffer, held: Held | undefined, next: Held, terms: readonly Buffer[]): Commit {
  const before = new Set(held === undefined ? [] : splitTerms(held.terms).map(latin1));
  const after = new Set(terms.map(latin1));
  return {
    fingerprint,
    kind: held === undefined ? 'inserted' : 'updated',
    bytes: next.bytes,
    digest: createHash('sha256').update(next.bytes).digest(),
    terms: next.terms,
    termsAdded: terms.filter((term) => !before.has(latin1(term))),
    termsRemoved: [...before].filter((term) => !after.has(term)).map((term) => Buffer.from(term, 'latin1')),
  };
}

function recordOf(fingerprint: string, held: Held): CertificateRecord {
  return { fingerprint, bytes: held.bytes, terms: splitTerms(held.terms).map(readTerm) };
}

/** The same octets, without the methods a Buffer adds. */
function plain(octets: Buffer): Uint8Array {
  return new Uint8Array(octets.buffer, octets.byteOffset, octets.length);
}

function latin1(octets: Buffer): string {
  return octets.toString('latin1');
}

function wrongFingerprint(named: string, returned: string): KeystoreError {
  return new KeystoreError('WRONG_FINGERPRINT', `The update of ${named} returned a record of ${returned}.`);
}
