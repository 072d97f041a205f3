import {
  documentKey,
  documentVersion,
  kindRange,
  readDocument,
  requiredKind,
  requiredName,
  requiredValue,
  requiredVersion,
  writeDocument,
} from './document-row.ts';
import type { Document } from './keystore.ts';

/** The documents of a keystore in memory, as the octets that a database would hold. */
export class MemoryDocuments {
  /** By key, one character an octet. */
  readonly #rows = new Map<string, Buffer>();

  get(kind: string, id: string): Document | undefined {
    const key = documentKey(requiredName(kind, id));
    const row = this.#rows.get(key.toString('latin1'));
    return row === undefined ? undefined : readDocument(key, row);
  }

  put(kind: string, id: string, value: unknown, expected: number): boolean {
    const key = documentKey(requiredName(kind, id)).toString('latin1');
    const json = value === undefined ? undefined : requiredValue(value);
    requiredVersion(expected);
    if (documentVersion(this.#rows.get(key)) !== expected) return false;
    if (json === undefined) this.#rows.delete(key);
    else this.#rows.set(key, writeDocument(expected + 1, json));
    return true;
  }

  ofKind(kind: string): () => readonly Document[] {
    const start = kindRange(requiredKind(kind)).gt?.toString('latin1') ?? '';
    return () => this.#listed((key) => key.startsWith(start));
  }

  all(): readonly Document[] {
    return this.#listed(() => true);
  }

  #listed(wanted: (key: string) => boolean): Document[] {
    return [...this.#rows]
      .filter(([key]) => wanted(key))
      .toSorted(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, row]) => readDocument(Buffer.from(key, 'latin1'), row));
  }
}
