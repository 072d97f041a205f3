import { createHash } from 'node:crypto';
import { isClaimed } from '../../keyring/public-ring.ts';
import { serializeCertificate } from '../../openpgp/certificate.ts';
import type { Certificate } from '../../openpgp/certificate.ts';
import type { Signature } from '../../openpgp/signature.ts';
import type { FindKeys } from '../../openpgp/third-party.ts';
import type { LogEvent } from '../log/record.ts';
import { hasRevocation, revocationOf } from './bare-revocation.ts';
import { EntryIndex } from './entry-index.ts';
import { asOf, doubted, NEVER_ASKED, standingOf } from './key-answer.ts';
import type { KeyAnswer } from './key-answer.ts';
import type { BookEntry } from './key-book.ts';
import { unknownKey } from './key-rows.ts';
import type { KeyRows, KnownKey } from './key-rows.ts';
import { givesLess, mergeSeen, sameCertificate } from './seen-certificate.ts';

export type OnEvent = (event: LogEvent, fields: Readonly<Record<string, unknown>>) => void;

export interface LedgerOptions {
  readonly rows: KeyRows;
  /** Names of the keystores that are asked, in their order. */
  readonly keystores: readonly string[];
  /** Milliseconds since 1970. */
  readonly now: () => number;
  /** Milliseconds after which the next answer of a keystore is news, as a policy may have called the last stale. */
  readonly silence: number;
  /** Some of what was written last is lost, a revocation perhaps: no answer of a keystore counts until it is asked again. */
  readonly doubtful: boolean;
  readonly onEvent: OnEvent;
}

interface Loaded {
  readonly known: Map<string, KnownKey>;
  readonly pinned: readonly string[];
  readonly epoch: number;
}

/**
 * What is known of every key: who said what, and the entries of the book that follow from it. Nothing that was
 * seen is ever forgotten. What is learnt counts at once, and is on the disk when the promise resolves.
 */
export class KeyLedger {
  readonly entries: EntryIndex = new EntryIndex();
  readonly #options: LedgerOptions;
  readonly #known: Map<string, KnownKey>;
  #local: ReadonlyMap<string, Certificate> = new Map();
  #pinned: ReadonlySet<string> = new Set();
  /** Those of which no change was missed: the ones that were pinned before. */
  #followed: ReadonlySet<string>;
  /** Those of which more was seen than is on the disk: a write failed. */
  readonly #unsaved = new Set<string>();
  #epoch: number;

  private constructor(options: LedgerOptions, loaded: Loaded) {
    this.#options = options;
    this.#known = loaded.known;
    this.#followed = new Set(loaded.pinned);
    this.#epoch = loaded.epoch;
  }

  /** Throws `STATE_UNUSABLE`. */
  static async open(options: LedgerOptions): Promise<KeyLedger> {
    const { now, rows, doubtful } = options;
    const [known, pinned, epoch] = [await rows.load(), await rows.pinned(), await rows.epoch()];
    for (const [fingerprint, key] of known) {
      for (const [keystore, answer] of key.answers) {
        const answered = asOf(answer, now());
        key.answers.set(keystore, doubtful ? doubted(answered) : answered);
      }
      // The loss is told once: the doubt must outlive a process that ends before it has asked.
      if (doubtful) await rows.putAnswers(fingerprint, key, { sync: true });
    }
    return new KeyLedger(options, { known, pinned, epoch });
  }

  get epoch(): number {
    return this.#epoch;
  }

  get pinned(): ReadonlySet<string> {
    return this.#pinned;
  }

  answer(fingerprint: string, keystore: string): KeyAnswer {
    return this.#known.get(fingerprint)?.answers.get(keystore) ?? NEVER_ASKED;
  }

  /** SHA-256, in lower-case hexadecimal, of what the keystore gave last; undefined when it has not the key. */
  givenDigest(fingerprint: string, keystore: string): string | undefined {
    const last = this.#known.get(fingerprint)?.given.get(keystore)?.last;
    if (last === undefined || !this.answer(fingerprint, keystore).present) return undefined;
    return createHash('sha256').update(serializeCertificate(last)).digest('hex');
  }

  lastChanged(fingerprint: string): number | undefined {
    return this.#known.get(fingerprint)?.changed;
  }

  async pin(fingerprints: readonly string[]): Promise<void> {
    const touched = new Set([...this.#pinned, ...fingerprints]);
    this.#pinned = new Set(fingerprints);
    for (const fingerprint of fingerprints) {
      if (!this.#followed.has(fingerprint)) await this.#mayHaveChanged(fingerprint);
    }
    this.#followed = this.#pinned;
    await this.#options.rows.putPinned(fingerprints);
    await this.#renew([...touched]);
  }

  /** Takes what the files of this host hold now. Returns the fingerprints for which that is something else. */
  async setLocal(certificates: ReadonlyMap<string, Certificate>): Promise<string[]> {
    const before = this.#local;
    this.#local = certificates;
    const touched = [...new Set([...before.keys(), ...certificates.keys()])].filter(
      (fingerprint) =>
        this.#unsaved.has(fingerprint) ||
        !sameCertificate(before.get(fingerprint), certificates.get(fingerprint)),
    );
    for (const fingerprint of touched) {
      const certificate = certificates.get(fingerprint);
      if (certificate !== undefined) await this.#see(fingerprint, certificate, 'local');
      else this.#options.onEvent('key_changed', { fingerprint, source: 'local', gone: true });
    }
    await this.#renew(touched);
    return touched;
  }

  /**
   * Files of this host have a revocation without its key: it counts for the key wherever that is from. Verifies it
   * for every key that is known. Returns whether it revokes one.
   */
  async revoke(revocation: Signature): Promise<boolean> {
    const keys = this.entries.all().map(({ certificate }) => certificate.primary.key);
    const findKeys: FindKeys = (claims) => Promise.resolve(keys.filter((key) => isClaimed(claims, key)));
    let revokes = false;
    for (const { fingerprint, certificate } of this.entries.all()) {
      const revoked = await revocationOf(certificate, revocation, findKeys);
      if (revoked === undefined) continue;
      revokes = true;
      if (!hasRevocation(certificate, revoked)) await this.#see(fingerprint, revoked, 'local');
    }
    return revokes;
  }

  /** The keystore has the key and gave this. Returns whether that may change a decision. */
  async given(
    fingerprint: string,
    keystore: string,
    certificate: Certificate,
    answer: KeyAnswer,
  ): Promise<boolean> {
    const known = this.#of(fingerprint);
    const before = known.given.get(keystore);
    const all = mergeSeen(before?.all, certificate);
    const rollback = before !== undefined && givesLess(before.all, certificate);
    const last = sameCertificate(all, certificate) ? all : certificate;
    known.given.set(keystore, { all, last });
    const learnt = await this.#see(fingerprint, certificate, keystore);
    if (!learnt && !(sameCertificate(before?.all, all) && sameCertificate(before?.last, last))) {
      await this.#save(fingerprint, known);
    }
    const noted = await this.note(fingerprint, keystore, {
      ...answer,
      present: true,
      rollback,
      conflict: false,
    });
    return learnt || noted;
  }

  /** Sets what a keystore said; tells what that changes. Returns whether it may change a decision. */
  async note(fingerprint: string, keystore: string, answer: KeyAnswer): Promise<boolean> {
    const known = this.#of(fingerprint);
    const before = known.answers.get(keystore) ?? NEVER_ASKED;
    known.answers.set(keystore, answer);
    const fields = { fingerprint, keystore };
    const { onEvent, rows } = this.#options;
    if (before.present && !answer.present) onEvent('key_vanished', fields);
    if (!before.rollback && answer.rollback) onEvent('keystore_rollback', fields);
    if (!before.conflict && answer.conflict) onEvent('keystore_conflict', fields);
    const changed = await this.#renew([fingerprint]);
    await rows.putAnswers(fingerprint, known);
    return changed.length > 0;
  }

  /** While it was not pinned nobody looked after it in the change logs. */
  async #mayHaveChanged(fingerprint: string): Promise<void> {
    const known = this.#known.get(fingerprint);
    if (known === undefined || known.answers.size === 0) return;
    for (const [name, answer] of known.answers) {
      known.answers.set(name, { ...answer, dirty: true, nextDue: 0 });
    }
    await this.#options.rows.putAnswers(fingerprint, known);
  }

  #of(fingerprint: string): KnownKey {
    const known = this.#known.get(fingerprint) ?? unknownKey();
    this.#known.set(fingerprint, known);
    return known;
  }

  /** Adds to all that was ever seen. Returns whether that has grown. */
  async #see(fingerprint: string, certificate: Certificate, source: string): Promise<boolean> {
    const known = this.#of(fingerprint);
    const seen = mergeSeen(known.seen, certificate);
    if (seen === known.seen) {
      if (this.#unsaved.has(fingerprint)) await this.#save(fingerprint, known);
      return false;
    }
    const isNew = known.seen === undefined;
    known.seen = seen;
    known.changed = this.#options.now();
    this.#options.onEvent('key_changed', { fingerprint, source, new: isNew });
    // Counts before it is on the disk, so that a full disk does not keep a revocation from counting.
    this.#unsaved.add(fingerprint);
    await this.#renew([fingerprint]);
    await this.#save(fingerprint, known);
    return true;
  }

  async #save(fingerprint: string, known: KnownKey): Promise<void> {
    this.#unsaved.add(fingerprint);
    await this.#options.rows.putKey(fingerprint, known);
    this.#unsaved.delete(fingerprint);
  }

  /** Makes entries anew. Returns those of which something changed that may change a decision. */
  async #renew(fingerprints: readonly string[]): Promise<string[]> {
    const changed = fingerprints.filter((fingerprint) => {
      const before = this.entries.get(fingerprint);
      const after = this.#entryOf(fingerprint);
      if (after === undefined) this.entries.delete(fingerprint);
      else this.entries.set(after);
      return this.#mayDecide(before, after);
    });
    if (changed.length > 0) {
      this.#epoch += 1;
      await this.#options.rows.putEpoch(this.#epoch);
    }
    return changed;
  }

  #entryOf(fingerprint: string): BookEntry | undefined {
    const known = this.#known.get(fingerprint);
    const localCopy = this.#local.get(fingerprint);
    const isPinned = this.#pinned.has(fingerprint);
    if (known?.seen === undefined || (!isPinned && localCopy === undefined)) return undefined;
    const asked = isPinned ? this.#options.keystores : [];
    const remoteCopy = asked
      .filter((name) => this.answer(fingerprint, name).present)
      .flatMap((name) => known.given.get(name)?.last ?? [])
      .reduce<Certificate | undefined>(mergeSeen, undefined);
    return {
      fingerprint,
      certificate: known.seen,
      local: localCopy !== undefined,
      remote: remoteCopy !== undefined,
      ...(localCopy && { localCopy }),
      ...(remoteCopy && { remoteCopy }),
      standing: standingOf(asked.map((name) => this.answer(fingerprint, name))),
    };
  }

  #mayDecide(before: BookEntry | undefined, after: BookEntry | undefined): boolean {
    if (before === undefined || after === undefined) return before !== after;
    const [a, b] = [before.standing, after.standing];
    const sameFlags =
      before.local === after.local &&
      before.remote === after.remote &&
      (['asked', 'vanished', 'rollback', 'conflict'] as const).every((flag) => a[flag] === b[flag]);
    const sameCopies =
      before.certificate === after.certificate &&
      sameCertificate(before.localCopy, after.localCopy) &&
      sameCertificate(before.remoteCopy, after.remoteCopy);
    return !sameFlags || !sameCopies || this.#endsSilence(a.lastAnswer, b.lastAnswer);
  }

  #endsSilence(before: number | undefined, after: number | undefined): boolean {
    if (before === undefined || after === undefined) return before !== after;
    return (after - before) * 1000 > this.#options.silence;
  }
}
