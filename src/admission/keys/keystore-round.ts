import { HkpClientError } from '../../hkp/client/error.ts';
import type { HkpClientErrorCode } from '../../hkp/client/error.ts';
import { DIGESTS_PAGE } from '../../hkp/client/limits.ts';
import type { Certificate } from '../../openpgp/certificate.ts';
import { readChangeLog } from './change-log.ts';
import type { LogNews } from './change-log.ts';
import type { KeyAnswer } from './key-answer.ts';
import type { KeyLedger, OnEvent } from './key-ledger.ts';
import type { KeystoreRecord, KeystoreRecords } from './keystore-record.ts';
import type { KeystoreClient, RefreshFailure } from './managed-key-book.ts';
import type { RefreshTimes } from './refresh-times.ts';

export interface RoundParts {
  readonly ledger: KeyLedger;
  readonly records: KeystoreRecords;
  readonly times: RefreshTimes;
  readonly now: () => number;
  readonly onEvent: OnEvent;
}

/** The whole keystore is out of reach, not only one key. */
const OUT_OF_REACH: ReadonlySet<HkpClientErrorCode> = new Set([
  'UNREACHABLE',
  'TIMEOUT',
  'BAD_REDIRECT',
  'UNAUTHORIZED',
]);

/** Refusals one after another that are enough: it may have more to do than it can. */
const MOST_REFUSALS = 3;

/** Milliseconds: a keystore without a change log may be a Vouch one tomorrow. */
const CHANGE_LOG_RETRY = 24 * 60 * 60 * 1000;

/** Other servers may refuse a path that they do not know in their own way: that is as good as none. */
async function unlessRefused<T>(ask: () => Promise<T | undefined>): Promise<T | undefined> {
  try {
    return await ask();
  } catch (error) {
    if (error instanceof HkpClientError && !OUT_OF_REACH.has(error.code)) return undefined;
    throw error;
  }
}

/** One keystore asked once about the keys that are due there. */
export class KeystoreRound {
  asked = 0;
  readonly changed: Set<string> = new Set();
  readonly failed: RefreshFailure[] = [];
  readonly #client: KeystoreClient;
  readonly #parts: RoundParts;
  #answered = false;
  #refusals = 0;
  #refusal: HkpClientError | undefined;

  constructor(client: KeystoreClient, parts: RoundParts) {
    this.#client = client;
    this.#parts = parts;
  }

  /** The keys that are due, at the least effort; nothing when none is, or the keystore is given a rest. */
  async whatIsDue(): Promise<void> {
    const { ledger, now, times } = this.#parts;
    const { failures, nextTry } = this.#record;
    if (failures > 0 && !times.mayTry(nextTry, now())) return;
    const pinned = [...ledger.pinned];
    if (!pinned.some((fingerprint) => this.#isDue(fingerprint))) return;
    await this.#run(async () => {
      const unchanged = new Set((await this.#readLog()) && pinned.filter((one) => this.#isUnchanged(one)));
      const held = await this.#whatIsHeld([...unchanged]);
      const next = this.#nextTimes(held !== undefined);
      for (const fingerprint of pinned) {
        const isQuiet =
          held === undefined ? !this.#isFullDue(fingerprint) : this.#isAsGiven(fingerprint, held);
        if (unchanged.has(fingerprint))
          await (isQuiet ? this.#moveOn(fingerprint, next) : this.#ask(fingerprint));
        else if (this.#isDue(fingerprint)) await this.#ask(fingerprint);
      }
    });
  }

  /** These keys themselves, whatever is due and whatever a change log says. */
  async these(fingerprints: readonly string[]): Promise<void> {
    await this.#run(async () => {
      for (const fingerprint of fingerprints) await this.#ask(fingerprint);
    });
  }

  async #run(ask: () => Promise<void>): Promise<void> {
    try {
      await ask();
    } catch (error) {
      if (!(error instanceof HkpClientError)) throw error;
      await this.#isDown(error);
      return;
    }
    if (this.#answered) await this.#isUp();
    else if (this.#refusal !== undefined) await this.#isDown(this.#refusal);
  }

  get #name(): string {
    return this.#client.name;
  }

  get #record(): KeystoreRecord {
    return this.#parts.records.get(this.#name);
  }

  #answer(fingerprint: string): KeyAnswer {
    return this.#parts.ledger.answer(fingerprint, this.#name);
  }

  /** Undefined when there is no change log to go by. What it names is marked before its position is kept. */
  async #readLog(): Promise<LogNews | undefined> {
    const { ledger, now, records, times } = this.#parts;
    const { changeLog, changeLogDue } = this.#record;
    if (changeLog === 'none' && !times.hasCome(changeLogDue, now())) return undefined;
    const news = await unlessRefused(() => readChangeLog(this.#client, changeLog));
    if (news === undefined) {
      const next = { changeLog: 'none' as const, changeLogDue: now() + CHANGE_LOG_RETRY };
      await records.put(this.#name, { ...this.#record, ...next });
      return undefined;
    }
    this.#answered = true;
    this.asked += news.asked;
    for (const fingerprint of ledger.pinned) {
      if (news.changed !== undefined && !news.changed.has(fingerprint)) continue;
      // One that is not named may be as it was: then it is made sure of, which digests can do for all at once.
      const doubt = news.changed === undefined ? { fullDue: 0 } : { dirty: true };
      await ledger.note(fingerprint, this.#name, { ...this.#answer(fingerprint), ...doubt, nextDue: 0 });
    }
    await records.put(this.#name, { ...this.#record, changeLog: news.position });
    return news;
  }

  #isDue(fingerprint: string): boolean {
    const { now, times } = this.#parts;
    const { nextDue, dirty } = this.#answer(fingerprint);
    // A fetch that failed is tried again in its own time.
    return times.hasCome(nextDue, now()) || (!dirty && this.#isFullDue(fingerprint));
  }

  /** It is long ago that we were sure to have what the keystore holds. */
  #isFullDue(fingerprint: string): boolean {
    const { now, times } = this.#parts;
    return times.hasCome(this.#answer(fingerprint).fullDue, now());
  }

  /** As far as the log tells, which goes on from what we know of the key. */
  #isUnchanged(fingerprint: string): boolean {
    const { dirty, lastAnswer } = this.#answer(fingerprint);
    return !dirty && lastAnswer !== undefined;
  }

  /**
   * Digests of what the keystore holds of all these, when it is time to make sure of one of them: it costs no more.
   * Undefined when it is not, or the keystore tells none.
   */
  async #whatIsHeld(fingerprints: readonly string[]): Promise<ReadonlyMap<string, string> | undefined> {
    if (!fingerprints.some((one) => this.#isFullDue(one))) return undefined;
    this.asked += Math.ceil(fingerprints.length / DIGESTS_PAGE);
    return unlessRefused(() => this.#client.digests(fingerprints));
  }

  #isAsGiven(fingerprint: string, held: ReadonlyMap<string, string>): boolean {
    if (this.#answer(fingerprint).conflict) return false;
    return held.get(fingerprint) === this.#parts.ledger.givenDigest(fingerprint, this.#name);
  }

  /** One lot for all keys of a round: were it one for each, the first of many would call for the next round early. */
  #nextTimes(isSure: boolean): Partial<KeyAnswer> {
    const { now, times } = this.#parts;
    const time = now();
    return { nextDue: times.nextDue(time), ...(isSure && { fullDue: times.fullDue(time) }) };
  }

  /** Without a fetch: the keystore has said enough about it. */
  async #moveOn(fingerprint: string, next: Partial<KeyAnswer>): Promise<void> {
    const { ledger } = this.#parts;
    const before = this.#answer(fingerprint);
    const moved = { ...before, ...this.#answeredNow(before.present), ...next };
    if (await ledger.note(fingerprint, this.#name, moved)) this.changed.add(fingerprint);
  }

  async #ask(fingerprint: string): Promise<void> {
    this.asked += 1;
    try {
      const found = await this.#client.get(fingerprint);
      this.#answered = true;
      this.#refusals = 0;
      await this.#take(fingerprint, found);
    } catch (error) {
      if (!(error instanceof HkpClientError)) throw error;
      await this.#failedFor(fingerprint, error);
    }
  }

  async #take(fingerprint: string, found: readonly Certificate[]): Promise<void> {
    const { ledger } = this.#parts;
    const before = this.#answer(fingerprint);
    const certificate = found.find(({ primary }) => primary.key.fingerprint === fingerprint);
    if (certificate === undefined && found.length > 0) return this.#isConflict(fingerprint);
    const answer = { ...before, ...this.#fetchedNow(certificate !== undefined), conflict: false };
    const isNews =
      certificate === undefined
        ? await ledger.note(fingerprint, this.#name, { ...answer, present: false, rollback: false })
        : await ledger.given(fingerprint, this.#name, certificate, answer);
    if (isNews) this.changed.add(fingerprint);
  }

  /** Another key than the one that was asked for: no answer at all. */
  async #isConflict(fingerprint: string): Promise<void> {
    const { ledger, now, times } = this.#parts;
    const time = now();
    const answer = { ...this.#answer(fingerprint), lastAttempt: time, nextDue: times.retry(time) };
    this.#fail(fingerprint, 'it sent another key than the one that was asked for');
    if (await ledger.note(fingerprint, this.#name, { ...answer, dirty: true, conflict: true })) {
      this.changed.add(fingerprint);
    }
  }

  async #failedFor(fingerprint: string, error: HkpClientError): Promise<void> {
    const { ledger, now, times } = this.#parts;
    if (error.code === 'WRONG_CERTIFICATE') {
      this.#answered = true;
      return this.#isConflict(fingerprint);
    }
    const time = now();
    const answer = { ...this.#answer(fingerprint), lastAttempt: time };
    if (OUT_OF_REACH.has(error.code)) {
      await ledger.note(fingerprint, this.#name, answer);
      throw error;
    }
    await ledger.note(fingerprint, this.#name, { ...answer, dirty: true, nextDue: times.retry(time) });
    this.#fail(fingerprint, error.message);
    if (error.code !== 'REFUSED') this.#answered = true;
    else this.#refused(error);
  }

  #refused(error: HkpClientError): void {
    this.#refusal = error;
    this.#refusals += 1;
    if (this.#refusals >= MOST_REFUSALS) throw error;
  }

  #fail(fingerprint: string, message: string): void {
    this.failed.push({ keystore: this.#name, fingerprint, message });
  }

  #answeredNow(isPresent: boolean): Pick<KeyAnswer, 'lastAnswer' | 'lastPresent' | 'nextDue'> {
    const { now, times } = this.#parts;
    const time = now();
    return { lastAnswer: time, nextDue: times.nextDue(time), ...(isPresent && { lastPresent: time }) };
  }

  #fetchedNow(isPresent: boolean): Partial<KeyAnswer> {
    const { now, times } = this.#parts;
    const time = now();
    return {
      ...this.#answeredNow(isPresent),
      lastAttempt: time,
      fullDue: times.fullDue(time),
      dirty: false,
    };
  }

  async #isUp(): Promise<void> {
    const { records, now, onEvent } = this.#parts;
    const { problem: _, ...record } = this.#record;
    await records.put(this.#name, { ...record, failures: 0, nextTry: 0, lastSuccess: now() });
    if (record.failures > 0) onEvent('keystore_recovered', { keystore: this.#name });
  }

  async #isDown(error: HkpClientError): Promise<void> {
    const { code, message } = error;
    const { records, now, onEvent, times } = this.#parts;
    const record = this.#record;
    const failures = record.failures + 1;
    const nextTry = times.nextTry(now(), failures);
    if (error !== this.#refusal) this.failed.push({ keystore: this.#name, message });
    await records.put(this.#name, { ...record, failures, nextTry, problem: message });
    if (record.failures === 0) onEvent('keystore_unreachable', { keystore: this.#name, code, message });
  }
}
