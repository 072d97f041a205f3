import type { IssuerClaim } from '../../openpgp/signature.ts';
import type { PublicKey } from '../../openpgp/public-key.ts';
import type { BookEntry } from './key-book.ts';

/** Entries by what signatures claim of their makers: an answer costs a look into two maps. */
export class EntryIndex {
  readonly #entries = new Map<string, BookEntry>();
  /** By fingerprint and by key ID of primary keys and subkeys; the names of the two differ in length. */
  readonly #byKey = new Map<string, Map<string, BookEntry>>();

  get(fingerprint: string): BookEntry | undefined {
    return this.#entries.get(fingerprint);
  }

  set(entry: BookEntry): void {
    this.delete(entry.fingerprint);
    this.#entries.set(entry.fingerprint, entry);
    for (const name of namesOf(entry)) {
      const holders = this.#byKey.get(name);
      if (holders === undefined) this.#byKey.set(name, new Map([[entry.fingerprint, entry]]));
      else holders.set(entry.fingerprint, entry);
    }
  }

  delete(fingerprint: string): void {
    const entry = this.#entries.get(fingerprint);
    if (entry === undefined) return;
    this.#entries.delete(fingerprint);
    for (const name of namesOf(entry)) {
      const holders = this.#byKey.get(name);
      holders?.delete(fingerprint);
      if (holders?.size === 0) this.#byKey.delete(name);
    }
  }

  /** By fingerprint, each once. */
  candidates(claims: readonly IssuerClaim[]): readonly BookEntry[] {
    const found = new Map<string, BookEntry>();
    for (const { fingerprint, keyId } of claims) {
      for (const [holder, entry] of this.#byKey.get(fingerprint ?? keyId) ?? []) found.set(holder, entry);
    }
    return found.size < 2 ? [...found.values()] : sorted(found.values());
  }

  all(): readonly BookEntry[] {
    return sorted(this.#entries.values());
  }
}

function namesOf({ certificate: { primary, subkeys } }: BookEntry): string[] {
  const names = ({ fingerprint, keyId }: PublicKey): string[] => [fingerprint, keyId];
  return [primary, ...subkeys].flatMap(({ key }) => names(key));
}

function sorted(entries: Iterable<BookEntry>): BookEntry[] {
  return [...entries].toSorted((a, b) => (a.fingerprint < b.fingerprint ? -1 : 1));
}
