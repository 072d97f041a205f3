/* A key book over real files and real keystores, with time and chance under a test's control. */
import { chmod, mkdtemp, rm, unlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import type { BookEntry } from '../../../src/admission/keys/key-book.ts';
import type { KeystoreClient, ManagedKeyBook } from '../../../src/admission/keys/managed-key-book.ts';
import { openKeyBook } from '../../../src/admission/keys/open-key-book.ts';
import type { KeyBookOptions } from '../../../src/admission/keys/open-key-book.ts';
import { memoryDb } from '../../../src/admission/memory-db.ts';
import type { StateDb } from '../../../src/admission/table.ts';
import { parseCertificate, serializeCertificate } from '../../../src/openpgp/certificate.ts';
import { keyStanding } from '../../../src/openpgp/key-standing.ts';
import type { StandingRevocation } from '../../../src/openpgp/key-standing.ts';
import type { LogLine } from '../../hkp/harness.ts';
import { recordingLog } from '../../hkp/harness.ts';
import { DAY, EPOCH } from '../../fixtures/test-key.ts';

export const HOUR = 3_600_000;

/** When the host begins, in milliseconds: a month after test keys are made. */
export const START: number = (EPOCH + 30 * DAY) * 1000;

export interface TestHost {
  readonly book: ManagedKeyBook;
  readonly db: StateDb;
  readonly clock: { now: number };
  readonly folder: string;
  readonly events: { readonly event: string; readonly fields: Readonly<Record<string, unknown>> }[];
  readonly lines: LogLine[];
  /** Puts a file into the folder of keys. */
  write(name: string, content: string | Uint8Array): Promise<void>;
  remove(name: string): Promise<void>;
  /** The same host after the daemon ended and began again. */
  restart(changes?: Partial<KeyBookOptions>): Promise<TestHost>;
  eventNames(): string[];
}

export async function hostWith(options: Partial<KeyBookOptions> = {}): Promise<TestHost> {
  const folder = await mkdtemp(join(tmpdir(), 'vouch-keys-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  return start(folder, memoryDb(), { now: START }, options);
}

async function start(
  folder: string,
  db: StateDb,
  clock: { now: number },
  options: Partial<KeyBookOptions>,
): Promise<TestHost> {
  const events: TestHost['events'] = [];
  const lines: LogLine[] = [];
  const book = await openKeyBook({
    db,
    now: () => clock.now,
    random: () => 0.5,
    sources: { folders: [folder], rings: [] },
    keystores: [],
    user: process.getuid?.() ?? 0,
    onEvent: (event, fields) => void events.push({ event, fields }),
    log: recordingLog(lines),
    ...options,
  });
  return {
    book,
    db,
    clock,
    folder,
    events,
    lines,
    write: async (name, content) => {
      await writeFile(join(folder, name), content);
      await chmod(join(folder, name), 0o644);
    },
    remove: (name) => unlink(join(folder, name)),
    restart: async (changes = {}) => {
      await book.close();
      return start(folder, db, clock, { ...options, ...changes });
    },
    eventNames: () => events.map(({ event }) => event),
  };
}

/** A keystore without a wire: what it has, by fingerprint. */
export function keystoreOf(name: string, held: Map<string, Uint8Array>): KeystoreClient {
  return {
    name,
    get: (fingerprint) => {
      const bytes = held.get(fingerprint);
      return Promise.resolve(bytes === undefined ? [] : [parseCertificate(bytes)]);
    },
    changes: () => Promise.resolve(undefined),
    digests: () => Promise.resolve(undefined),
  };
}

/** A keystore that counts what it is asked, and answers as the other does. */
export function counted(
  client: KeystoreClient,
): KeystoreClient & { gets: number; looks: number; digestLooks: number } {
  const counting = {
    name: client.name,
    gets: 0,
    looks: 0,
    digestLooks: 0,
    get: (fingerprint: string) => {
      counting.gets += 1;
      return client.get(fingerprint);
    },
    changes: (since: number, limit?: number) => {
      counting.looks += 1;
      return client.changes(since, limit);
    },
    digests: (fingerprints: readonly string[]) => {
      counting.digestLooks += 1;
      return client.digests(fingerprints);
    },
  };
  return counting;
}

/** What the book says of the primary key's revocation, long after all test signatures. */
export function revocationIn(entry: BookEntry | undefined): StandingRevocation | undefined {
  if (entry === undefined) return undefined;
  return keyStanding(entry.certificate, entry.certificate.primary.key, EPOCH + 1000 * DAY).revocation;
}

/** All that decisions depend on, to be compared. */
export function stateOf(book: ManagedKeyBook): unknown {
  return book.entries().map(({ fingerprint, certificate, local, remote }) => ({
    fingerprint,
    local,
    remote,
    bytes: Buffer.from(serializeCertificate(certificate)).toString('base64'),
  }));
}
