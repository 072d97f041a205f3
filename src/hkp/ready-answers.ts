/* Answers to lookups, kept in memory until something changes them. */
import type { ReadyAnswer } from '../http/ready-answer.ts';
import type { Keystore, Term } from '../keystore/keystore.ts';
import { MAX_QUESTION_LENGTH, MAX_READY_OCTETS } from './limits.ts';
import { PackedAnswers } from './packed-answers.ts';
import type { Search } from './search.ts';

/** An answer with what it depends on. */
export interface MadeAnswer {
  readonly answer: ReadyAnswer;
  /** A certificate that neither had nor has any of these makes no difference to the answer. */
  readonly terms: readonly Term[];
  /** From when on it is right, in milliseconds since 1970. */
  readonly from: number;
  /** When it may no longer be; Infinity when time changes nothing of it. */
  readonly until: number;
}

/** A lookup whose answer depends on what is held and on the time, and on nothing else. */
export interface Question {
  /** Questions with the same key have the same answer. */
  readonly key: string;
  /** What is held now. Throws what is to be said when there is no answer. */
  readonly make: () => Promise<MadeAnswer>;
}

/** Of a question that is made of nothing but these. Short, as it is kept with the answer. */
export function questionKey(
  what: string,
  how: readonly (boolean | number)[],
  searches: readonly Search[],
): string {
  let key = what;
  for (const setting of how) key += ` ${setting}`;
  // As JSON, so that no value can look like a search of its own.
  for (const { kind, value } of searches) key += ` ${kind} ${JSON.stringify(value)}`;
  return key;
}

/**
 * Nothing is kept of a store without `watch`, and no refusal of any: what is not there cannot be asked for until it
 * fills the memory.
 */
export class ReadyAnswers {
  readonly #kept: PackedAnswers | undefined;
  /** Keys of the answers that depend on a term; mostly there is one. */
  readonly #dependent = new Map<string, string | Set<string>>();
  /** Grows with every change: what was read before one may be of before it. */
  #generation = 0;

  constructor(keystore: Pick<Keystore, 'watch'>, octets: number = MAX_READY_OCTETS) {
    if (keystore.watch === undefined) return;
    this.#kept = new PackedAnswers(octets, (key, { terms }) => this.#forget(key, terms));
    keystore.watch(({ fingerprint, terms }) => {
      this.#generation += 1;
      this.#drop({ kind: 'fingerprint', value: fingerprint });
      for (const term of terms) this.#drop(term);
    });
  }

  /** The answer, if it is ready and right at `now` (milliseconds since 1970). */
  find(key: string, now: number): ReadyAnswer | undefined {
    return this.#kept?.find(key, now);
  }

  /** Whether the answer is kept, right or not. */
  keeps(key: string): boolean {
    return this.#kept?.has(key) === true;
  }

  /** The answer, which is made when it is not ready. Passes on what `make` throws. */
  async give({ key, make }: Question, now: number): Promise<ReadyAnswer> {
    return this.find(key, now) ?? (await this.#made(key, make)).answer;
  }

  async #made(key: string, make: () => Promise<MadeAnswer>): Promise<MadeAnswer> {
    const generation = this.#generation;
    const made = await make();
    if (generation === this.#generation) this.#keep(key, made);
    return made;
  }

  #keep(key: string, { answer, terms, from, until }: MadeAnswer): void {
    const { body, type, tag, more } = answer;
    if (this.#kept === undefined || key.length > MAX_QUESTION_LENGTH || !this.#kept.wants(key, body)) return;
    const names = terms.map(nameOf);
    this.#kept.add(key, body, { type, tag, more, terms: names, from, until });
    for (const name of names) {
      const keys = this.#dependent.get(name);
      if (keys === undefined) this.#dependent.set(name, key);
      else if (typeof keys === 'string') this.#dependent.set(name, new Set([keys, key]));
      else keys.add(key);
    }
  }

  #drop(term: Term): void {
    const keys = this.#dependent.get(nameOf(term));
    if (keys === undefined) return;
    for (const key of typeof keys === 'string' ? [keys] : [...keys]) this.#kept?.delete(key);
  }

  #forget(key: string, names: readonly string[]): void {
    for (const name of names) {
      const keys = this.#dependent.get(name);
      if (typeof keys === 'object') keys.delete(key);
      if (keys === key || (typeof keys === 'object' && keys.size === 0)) this.#dependent.delete(name);
    }
  }
}

function nameOf({ kind, value }: Term): string {
  return `${kind} ${value}`;
}
