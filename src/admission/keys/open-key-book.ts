import type { IssuerClaim } from '../../openpgp/signature.ts';
import type { Log } from '../../log.ts';
import type { StateDb } from '../table.ts';
import type { BookEntry } from './key-book.ts';
import { KeyLedger } from './key-ledger.ts';
import type { OnEvent } from './key-ledger.ts';
import { KeyRows } from './key-rows.ts';
import { keyStatus, keystoreStatus } from './key-status.ts';
import { KeystoreRecords } from './keystore-record.ts';
import { KeystoreRound } from './keystore-round.ts';
import { LocalKeys } from './local-keys.ts';
import type {
  KeyBookStatus,
  KeystoreClient,
  LocalReport,
  LocalSources,
  ManagedKeyBook,
  RefreshOptions,
  RefreshReport,
} from './managed-key-book.ts';
import { DEFAULT_INTERVALS, RefreshTimes } from './refresh-times.ts';
import type { RefreshIntervals } from './refresh-times.ts';

export interface KeyBookOptions {
  readonly db: StateDb;
  /** Milliseconds since 1970; best of a `ClockGuard`. */
  readonly now: () => number;
  /** From 0 up to 1. */
  readonly random: () => number;
  readonly sources: LocalSources;
  /** In the order in which they are configured. */
  readonly keystores: readonly KeystoreClient[];
  readonly intervals?: Partial<RefreshIntervals>;
  /** Whom the daemon runs as, by number: whose files of keys are read, beside root's. */
  readonly user: number;
  readonly onEvent: OnEvent;
  readonly log: Log;
}

/**
 * The book with all that was seen before, and with the files of this host as they are now; keystores are not
 * asked yet. Throws `KEYS_UNREADABLE` for a folder of keys that cannot be read, `STATE_UNUSABLE`.
 */
export async function openKeyBook(options: KeyBookOptions): Promise<ManagedKeyBook> {
  const { db, now, sources, user, keystores, onEvent } = options;
  const intervals = { ...DEFAULT_INTERVALS, ...options.intervals };
  const local = new LocalKeys({ sources, user, now });
  await local.requireFolders();
  const ledger = await KeyLedger.open({
    rows: new KeyRows(db),
    keystores: keystores.map(({ name }) => name),
    now,
    silence: 2 * intervals.key,
    doubtful: db.dropped > 0,
    onEvent,
  });
  const times = new RefreshTimes(intervals, options.random);
  const book = new OpenKeyBook(options, { local, ledger, times, records: await KeystoreRecords.open(db) });
  await book.reloadLocal();
  return book;
}

interface Parts {
  readonly local: LocalKeys;
  readonly ledger: KeyLedger;
  readonly times: RefreshTimes;
  readonly records: KeystoreRecords;
}

interface Refresh {
  /** What is asked for, as text: two that ask for the same are one. */
  readonly scope: string;
  readonly report: Promise<RefreshReport>;
}

class OpenKeyBook implements ManagedKeyBook {
  readonly #options: KeyBookOptions;
  readonly #parts: Parts;
  /** Refreshes under way and waiting, in their order. */
  #refreshes: readonly Refresh[] = [];
  #reloads: Promise<unknown> = Promise.resolve();
  #toldProblems: ReadonlySet<string> = new Set();

  constructor(options: KeyBookOptions, parts: Parts) {
    this.#options = options;
    this.#parts = parts;
  }

  get epoch(): number {
    return this.#parts.ledger.epoch;
  }

  candidates(claims: readonly IssuerClaim[]): readonly BookEntry[] {
    return this.#parts.ledger.entries.candidates(claims);
  }

  entry(fingerprint: string): BookEntry | undefined {
    return this.#parts.ledger.entries.get(fingerprint);
  }

  entries(): readonly BookEntry[] {
    return this.#parts.ledger.entries.all();
  }

  pin(fingerprints: readonly string[]): Promise<void> {
    return this.#parts.ledger.pin([...new Set(fingerprints)]);
  }

  reloadLocal(): Promise<LocalReport> {
    // One after another: an older look at the files must not be taken for a newer one.
    const reload = this.#reloads.then(() => this.#reload());
    this.#reloads = reload.catch(() => undefined);
    return reload;
  }

  refresh(options: RefreshOptions = {}): Promise<RefreshReport> {
    const scope = scopeOf(options);
    const same = this.#refreshes.find((one) => one.scope === scope);
    // Whoever wants only what is due, is served by any refresh that is under way.
    const joined = same ?? (scope === WHAT_IS_DUE ? this.#refreshes.at(-1) : undefined);
    if (joined !== undefined) return joined.report;
    const before = this.#refreshes.at(-1)?.report.catch(() => undefined) ?? Promise.resolve();
    const report = before
      .then(() => this.#refreshNow(options))
      .finally(() => {
        this.#refreshes = this.#refreshes.filter((one) => one.report !== report);
      });
    this.#refreshes = [...this.#refreshes, { scope, report }];
    return report;
  }

  status(at: number): KeyBookStatus {
    const { ledger, records } = this.#parts;
    const names = this.#options.keystores.map(({ name }) => name);
    const fingerprints = new Set([...ledger.pinned, ...this.entries().map(({ fingerprint }) => fingerprint)]);
    const keys = [...fingerprints].toSorted().map((fingerprint) => {
      const pinned = ledger.pinned.has(fingerprint);
      return keyStatus(
        {
          fingerprint,
          pinned,
          entry: this.entry(fingerprint),
          answers: pinned ? names.map((name) => ledger.answer(fingerprint, name)) : [],
          changed: ledger.lastChanged(fingerprint),
        },
        at,
      );
    });
    return {
      epoch: this.epoch,
      keys,
      keystores: names.map((name) => keystoreStatus(name, records.get(name))),
    };
  }

  async close(): Promise<void> {
    await Promise.allSettled([this.#reloads, ...this.#refreshes.map(({ report }) => report)]);
  }

  async #reload(): Promise<LocalReport> {
    const { local, ledger } = this.#parts;
    const { certificates, revocations, problems: unusable } = await local.read();
    const changed = await ledger.setLocal(certificates);
    const problems = [...unusable];
    for (const { path, signature } of revocations) {
      if (!(await ledger.revoke(signature))) problems.push({ path, reason: UNKNOWN_KEY });
    }
    const told = new Set(problems.map(({ path, reason }) => `${path}: ${reason}`));
    for (const { path, reason } of problems) {
      if (this.#toldProblems.has(`${path}: ${reason}`)) continue;
      this.#options.log.warn('keys of this host cannot be used', { path, reason });
    }
    this.#toldProblems = told;
    return { certificates: certificates.size, changed, problems };
  }

  async #refreshNow({ fingerprints, force = false }: RefreshOptions): Promise<RefreshReport> {
    const { now, onEvent, keystores } = this.#options;
    const { ledger, records, times } = this.#parts;
    const named = fingerprints?.filter((one) => ledger.pinned.has(one));
    const rounds = keystores.map(
      (client) => new KeystoreRound(client, { ledger, records, times, now, onEvent }),
    );
    await Promise.all(
      rounds.map((round) =>
        named !== undefined || force ? round.these(named ?? [...ledger.pinned]) : round.whatIsDue(),
      ),
    );
    return {
      asked: rounds.reduce((sum, { asked }) => sum + asked, 0),
      changed: [...new Set(rounds.flatMap(({ changed }) => [...changed]))].toSorted(),
      failed: rounds.flatMap(({ failed }) => failed),
    };
  }
}

const WHAT_IS_DUE = 'due';

const UNKNOWN_KEY = 'it revokes a key that is not known here; it counts once the key is';

function scopeOf({ fingerprints, force = false }: RefreshOptions): string {
  if (fingerprints !== undefined) return [...new Set(fingerprints)].toSorted().join(' ');
  return force ? 'all' : WHAT_IS_DUE;
}
