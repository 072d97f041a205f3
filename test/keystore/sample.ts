import { createHash } from 'node:crypto';

import type { CertificateRecord, Page, Keystore, Term } from '../../src/keystore/keystore.ts';

/** A clock that only moves when it is told to. */
export class Clock {
  time = 1_700_000_000_000;
  readonly now = (): number => this.time;
}

/** The fingerprint of a made-up version 4 key. */
export function fingerprint(n: number): string {
  return createHash('sha1').update(`key ${n}`).digest('hex').toUpperCase();
}

/** The fingerprint of a made-up version 6 key. */
export function longFingerprint(n: number): string {
  return createHash('sha256').update(`key ${n}`).digest('hex').toUpperCase();
}

export function word(value: string): Term {
  return { kind: 'word', value };
}

/** A record whose bytes are the content, carrying the terms. */
export function record(name: string, content: string, terms: readonly Term[] = []): CertificateRecord {
  return { fingerprint: name, bytes: new TextEncoder().encode(content), terms };
}

export async function put(store: Keystore, wanted: CertificateRecord): Promise<void> {
  await store.update(wanted.fingerprint, () => wanted);
}

export function text(bytes: Uint8Array | undefined): string | undefined {
  return bytes === undefined ? undefined : new TextDecoder().decode(bytes);
}

/** Terms in one order, so that two lists can be compared. */
export function sorted(terms: readonly Term[]): string[] {
  return terms.map(({ kind, value }) => JSON.stringify([kind, value])).toSorted();
}

export async function collect<T>(items: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const item of items) all.push(item);
  return all;
}

/** Every page of a search. `between` runs after each. */
export async function pages(
  store: Keystore,
  terms: readonly Term[],
  limit: number,
  between: () => Promise<void> = async () => {},
): Promise<Page[]> {
  const all: Page[] = [];
  let page = await store.find(terms, { limit });
  all.push(page);
  while (page.next !== undefined) {
    await between();
    page = await store.find(terms, { limit, after: page.next });
    all.push(page);
  }
  return all;
}
