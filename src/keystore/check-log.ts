import { readableFacts, sha256 } from './check-certificates.ts';
import type { CheckSession } from './check-session.ts';
import { ROWS_PER_CHECK_STEP } from './limits.ts';
import {
  certificateKey,
  factsKey,
  readChange,
  readLogKey,
  tableRange,
  TABLES,
  writeFacts,
} from './row-layout.ts';
import type { LoggedChange } from './row-layout.ts';
import type { Row } from './rows.ts';

/** The row of the log before the one at hand. */
interface LastSeen {
  sequence: number;
  time: number;
}

/** What the log says of fingerprints, as far as it was read. */
interface Said {
  /** The newest change of a certificate that is held, where it is newer than the one noted with it. */
  readonly unnoted: Map<string, LoggedChange>;
  /** Stored, not removed since, and not there. */
  readonly lost: Set<string>;
  /** Removed, and not unblocked since. */
  readonly removed: Set<string>;
}

/**
 * The log has no gaps, does not run backwards, and ends for each certificate with the change noted with it.
 * Answers the fingerprints that were removed and not unblocked since.
 */
export async function checkLog(session: CheckSession): Promise<ReadonlySet<string>> {
  const said: Said = { unnoted: new Map(), lost: new Set(), removed: new Set() };
  const last: LastSeen = { sequence: 0, time: 0 };
  for await (const step of session.rows.scan(tableRange(TABLES.log), ROWS_PER_CHECK_STEP)) {
    const changes = step.flatMap((row) => inOrder(session, row, last) ?? []);
    session.changes += changes.length;
    await collect(session, changes, said);
    await session.step(step.length);
  }
  for (const fingerprint of said.lost) session.found({ kind: 'certificate-lost', fingerprint });
  for (const change of said.unnoted.values()) await checkUnnoted(session, change);
  await session.step(0);
  return said.removed;
}

/** Reads one row of the log and holds it against the row before. */
function inOrder(session: CheckSession, row: Row, last: LastSeen): LoggedChange | undefined {
  const sequence = readLogKey(row[0]);
  if (sequence === undefined) {
    session.found({ kind: 'row-unknown', detail: row[0].subarray(0, 64).toString('hex') });
    return undefined;
  }
  // Logged by this repair.
  if (sequence > session.logEnd.sequence) return undefined;
  if (sequence !== last.sequence + 1) session.found({ kind: 'change-gap', sequence });
  last.sequence = sequence;
  const change = readable(session, sequence, row);
  if (change === undefined) return undefined;
  if (change.time < last.time) session.found({ kind: 'change-order', sequence });
  last.time = change.time;
  return change;
}

function readable(session: CheckSession, sequence: number, row: Row): LoggedChange | undefined {
  try {
    return readChange(sequence, row[1]);
  } catch {
    session.found({ kind: 'row-unknown', sequence, detail: row[1].subarray(0, 64).toString('hex') });
    return undefined;
  }
}

/** Sorts out the changes of certificates that are not there, and those newer than the one noted. */
async function collect(session: CheckSession, changes: readonly LoggedChange[], said: Said): Promise<void> {
  const octets = changes.map((change) => change.fingerprintOctets);
  const facts = await session.rows.getMany(octets.map(factsKey));
  const present = await session.rows.hasMany(octets.map(certificateKey));
  for (const [index, change] of changes.entries()) {
    const its = readableFacts(facts[index]);
    noteRemoval(change, said);
    if (present[index] !== true) noteAbsent(change, said);
    else if (its !== undefined && its.sequence < change.sequence) {
      said.unnoted.set(change.fingerprint, change);
    }
  }
}

function noteRemoval({ kind, fingerprint }: LoggedChange, { removed }: Said): void {
  if (kind === 'removed') removed.add(fingerprint);
  if (kind === 'unblocked') removed.delete(fingerprint);
}

function noteAbsent({ kind, fingerprint }: LoggedChange, { lost }: Said): void {
  if (kind === 'inserted' || kind === 'updated') lost.add(fingerprint);
  else lost.delete(fingerprint);
}

async function checkUnnoted(session: CheckSession, change: LoggedChange): Promise<void> {
  const { fingerprint, fingerprintOctets: octets, sequence } = change;
  const [bytes, value] = await session.rows.getMany([certificateKey(octets), factsKey(octets)]);
  const facts = readableFacts(value);
  if (bytes === undefined || facts === undefined || facts.sequence >= sequence) return;
  if (change.digest === undefined) {
    session.found({ kind: 'removed-held', fingerprint, sequence });
    return;
  }
  const finding = { kind: 'change-unnoted', fingerprint, sequence } as const;
  if (sha256(bytes).toString('hex') !== change.digest) {
    session.found(finding);
    return;
  }
  session.found(finding, () => [{ key: factsKey(octets), value: writeFacts(sequence, facts.terms) }]);
}
