/* How the book is kept in the daemon's database. */
import type { KeyAnswer } from './key-answer.ts';
import { parseCertificate, serializeCertificate } from '../../openpgp/certificate.ts';
import type { Certificate } from '../../openpgp/certificate.ts';
import { OpenPgpError } from '../../openpgp/error.ts';
import { AdmissionError } from '../error.ts';
import type { StateDb, Table } from '../table.ts';

/** What is known of one certificate, as it is remembered. Fingerprints are the keys of the tables. */
export interface KnownKey {
  /** Everything that any source ever said. */
  seen: Certificate | undefined;
  /** By name of the keystore. */
  readonly given: Map<string, GivenCertificate>;
  readonly answers: Map<string, KeyAnswer>;
  /** Milliseconds since 1970: when something was last learnt of it. */
  changed: number | undefined;
}

export interface GivenCertificate {
  /** Everything that this keystore ever gave. */
  readonly all: Certificate;
  /** What it gave last: the same, or less. */
  readonly last: Certificate;
}

/** Certificates in binary, base64. */
interface KeyRow {
  readonly seen?: string;
  readonly given: Readonly<Record<string, { readonly all: string; readonly last: string }>>;
  readonly changed?: number;
}

type AnswersRow = Readonly<Record<string, KeyAnswer>>;

/** Reads and writes what is known of keys. */
export class KeyRows {
  readonly #keys: Table<KeyRow>;
  readonly #answers: Table<AnswersRow>;
  readonly #epoch: Table<number>;
  readonly #pinned: Table<readonly string[]>;
  #written: Promise<void> = Promise.resolve();

  constructor(db: StateDb) {
    this.#keys = db.table('keys');
    this.#answers = db.table('key-answers');
    this.#epoch = db.table('keys-epoch');
    this.#pinned = db.table('keys-pinned');
  }

  /** Throws `STATE_UNUSABLE`. */
  async load(): Promise<Map<string, KnownKey>> {
    const known = new Map<string, KnownKey>();
    for await (const [fingerprint, row] of this.#keys.entries())
      known.set(fingerprint, read(fingerprint, row));
    for await (const [fingerprint, answers] of this.#answers.entries()) {
      const key = known.get(fingerprint) ?? unknownKey();
      for (const [name, answer] of Object.entries(answers)) key.answers.set(name, answer);
      known.set(fingerprint, key);
    }
    return known;
  }

  /** On the disk when it resolves: a revocation that was seen stays seen. */
  putKey(fingerprint: string, key: KnownKey): Promise<void> {
    return this.#write(() => this.#keys.put(fingerprint, rowOf(key), { sync: true }));
  }

  putAnswers(
    fingerprint: string,
    { answers }: KnownKey,
    options: { readonly sync?: boolean } = {},
  ): Promise<void> {
    return this.#write(() => this.#answers.put(fingerprint, Object.fromEntries(answers), options));
  }

  /** One after another, each as things are when its turn comes: keystores are asked at once. */
  #write(write: () => Promise<void>): Promise<void> {
    const written = this.#written.then(write);
    this.#written = written.catch(() => undefined);
    return written;
  }

  async epoch(): Promise<number> {
    return (await this.#epoch.get('epoch')) ?? 0;
  }

  /** The keys that the policy named last. */
  async pinned(): Promise<readonly string[]> {
    return (await this.#pinned.get('pinned')) ?? [];
  }

  putPinned(fingerprints: readonly string[]): Promise<void> {
    return this.#write(() => this.#pinned.put('pinned', fingerprints, { sync: true }));
  }

  putEpoch(epoch: number): Promise<void> {
    return this.#write(() => this.#epoch.put('epoch', epoch));
  }
}

export function unknownKey(): KnownKey {
  return { seen: undefined, given: new Map(), answers: new Map(), changed: undefined };
}

function rowOf({ seen, given, changed }: KnownKey): KeyRow {
  return {
    ...(seen && { seen: text(seen) }),
    given: Object.fromEntries(
      [...given].map(([name, { all, last }]) => [name, { all: text(all), last: text(last) }]),
    ),
    ...(changed !== undefined && { changed }),
  };
}

function text(certificate: Certificate): string {
  return Buffer.from(serializeCertificate(certificate)).toString('base64');
}

function read(fingerprint: string, { seen, given, changed }: KeyRow): KnownKey {
  // Mostly they are one and the same: then they are one object, and what is worked out of it is, too.
  const certificates = new Map<string, Certificate>();
  const parse = (base64: string): Certificate => {
    const before = certificates.get(base64);
    if (before !== undefined) return before;
    const certificate = parseCertificate(Buffer.from(base64, 'base64'));
    if (certificate.primary.key.fingerprint !== fingerprint) {
      throw new OpenPgpError('BAD_CERTIFICATE', 'a certificate under the name of another');
    }
    certificates.set(base64, certificate);
    return certificate;
  };
  try {
    return {
      seen: seen === undefined ? undefined : parse(seen),
      given: new Map(
        Object.entries(given).map(([name, { all, last }]) => [name, { all: parse(all), last: parse(last) }]),
      ),
      answers: new Map(),
      changed,
    };
  } catch (cause) {
    if (!(cause instanceof OpenPgpError)) throw cause;
    const message = `what is remembered of key ${fingerprint} cannot be read: ${cause.message}`;
    throw new AdmissionError('STATE_UNUSABLE', message, { cause });
  }
}
