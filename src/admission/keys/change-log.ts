import type { ChangesAnswer } from '../../hkp/client/changes-answer.ts';
import type { KeystoreClient } from './managed-key-book.ts';
import type { KeystoreRecord } from './keystore-record.ts';
import { MAX_CHANGE_PAGES } from '../limits.ts';

/** What a keystore's change log says since we looked last. */
export interface LogNews {
  /** Where it ends now. */
  readonly position: { readonly log: string | undefined; readonly sequence: number };
  /**
   * Fingerprints of primary keys. Undefined: any may have changed; we look for the first time, at another log, or too
   * much has changed to read it all.
   */
  readonly changed: ReadonlySet<string> | undefined;
  /** Questions put. */
  readonly asked: number;
}

/** Undefined when the keystore has no change log. Throws an `HkpClientError`. */
export async function readChangeLog(
  client: KeystoreClient,
  known: KeystoreRecord['changeLog'],
): Promise<LogNews | undefined> {
  if (known === undefined || known === 'none') return firstLook(client);
  const changed = new Set<string>();
  let { sequence } = known;
  for (let asked = 1; ; asked += 1) {
    const page = await client.changes(sequence);
    if (page === undefined) return undefined;
    if (isAnother(page, known.log, sequence)) {
      return { position: { log: page.log, sequence: page.sequence }, changed: undefined, asked };
    }
    for (const { fingerprint } of page.changes) changed.add(fingerprint);
    sequence = page.changes.at(-1)?.sequence ?? sequence;
    if (!page.more) return { position: { log: page.log, sequence }, changed, asked };
    if (asked === MAX_CHANGE_PAGES) {
      return { position: { log: page.log, sequence: page.sequence }, changed: undefined, asked };
    }
  }
}

/** A log that was empty gets its name with the first change. */
function isAnother(page: ChangesAnswer, log: string | undefined, sequence: number): boolean {
  return (log !== undefined && page.log !== log) || page.sequence < sequence;
}

async function firstLook(client: KeystoreClient): Promise<LogNews | undefined> {
  const page = await client.changes(0, 1);
  if (page === undefined) return undefined;
  return { position: { log: page.log, sequence: page.sequence }, changed: undefined, asked: 1 };
}
