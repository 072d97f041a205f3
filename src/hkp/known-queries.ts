import { MAX_KNOWN_QUERIES, MAX_QUESTION_LENGTH } from './limits.ts';

/**
 * Which question a query string was, where that was made out before: reading one takes longer than finding its answer.
 * What it is depends on the string and on settings, so there is one of these for each set of settings.
 */
export class KnownQueries {
  readonly #keys = new Map<string, string>();

  /** The key of the question; undefined when it has to be made out. */
  keyOf(query: string): string | undefined {
    return this.#keys.get(query);
  }

  /** Begins anew when it is full: a client that writes one question in ever new ways takes no more room. */
  add(query: string, key: string): void {
    if (query.length > MAX_QUESTION_LENGTH || key.length > MAX_QUESTION_LENGTH) return;
    if (this.#keys.size >= MAX_KNOWN_QUERIES) this.#keys.clear();
    // A copy: a part of a string keeps the whole, which is the first line of a request.
    this.#keys.set(Buffer.from(query).toString(), key);
  }
}
