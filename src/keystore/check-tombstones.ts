import type { CheckSession } from './check-session.ts';
import { documentKey, readDocument, requiredName } from './document-row.ts';
import { ROWS_PER_CHECK_STEP } from './limits.ts';
import { certificateKey, isFingerprint, postingRange, tableRange, TABLES } from './row-layout.ts';
import type { Row } from './rows.ts';
import { termOctets } from './term-octets.ts';
import { readTombstone } from './tombstone-row.ts';

/**
 * Where a tombstone is nothing is held, and the log says so. `removed` are the fingerprints of which the log
 * says last that they were.
 */
export async function checkTombstones(session: CheckSession, removed: ReadonlySet<string>): Promise<void> {
  const lost = new Set(removed);
  for await (const step of session.rows.scan(tableRange(TABLES.tombstone), ROWS_PER_CHECK_STEP)) {
    for (const row of step) await checkTombstone(session, row, lost);
    await session.step(step.length);
  }
  for (const fingerprint of lost) session.found({ kind: 'tombstone-lost', fingerprint });
  await session.step(0);
}

/** Each document can be read, under the name it is kept by. */
export async function checkDocuments(session: CheckSession): Promise<void> {
  for await (const step of session.rows.scan(tableRange(TABLES.document), ROWS_PER_CHECK_STEP)) {
    for (const row of step) {
      if (isDocument(row)) session.documents += 1;
      else session.found({ kind: 'row-unknown', detail: row[0].subarray(0, 64).toString('hex') });
    }
    await session.step(step.length);
  }
}

/** Takes the tombstone's fingerprint out of `unseen`. */
async function checkTombstone(session: CheckSession, [key, value]: Row, unseen: Set<string>): Promise<void> {
  const octets = key.subarray(1);
  const fingerprint = octets.toString('hex').toUpperCase();
  const logged = unseen.delete(fingerprint);
  if (!isTombstone(key, value)) {
    session.found({ kind: 'row-unknown', detail: key.subarray(0, 64).toString('hex') });
    return;
  }
  session.tombstones += 1;
  if (await isHeld(session, octets, fingerprint)) session.found({ kind: 'removed-held', fingerprint });
  if (logged) return;
  session.found({ kind: 'change-missing', fingerprint }, () => session.loggedRemoval(octets));
}

/** Whether a certificate is held that the key is on, as primary key or as subkey. */
async function isHeld({ rows }: CheckSession, octets: Buffer, fingerprint: string): Promise<boolean> {
  const [present] = await rows.hasMany([certificateKey(octets)]);
  if (present === true) return true;
  const carriers = postingRange(termOctets({ kind: 'fingerprint', value: fingerprint }), undefined);
  for await (const _ of rows.scanKeys({ ...carriers, limit: 1 }, 1)) return true;
  return false;
}

function isTombstone(key: Buffer, value: Buffer): boolean {
  if (!isFingerprint(key.subarray(1))) return false;
  return succeeds(() => readTombstone(key, value));
}

function isDocument([key, value]: Row): boolean {
  return succeeds(() => {
    const { kind, id } = readDocument(key, value);
    if (!documentKey(requiredName(kind, id)).equals(key)) throw new RangeError('another name');
  });
}

function succeeds(read: () => unknown): boolean {
  try {
    read();
    return true;
  } catch {
    return false;
  }
}
