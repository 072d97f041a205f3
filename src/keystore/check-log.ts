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

/** The log has no gaps, does not run backwards, and ends for each certificate with the change noted with it. */
export async function checkLog(session: CheckSession): Promise<void> {
  const unnoted = new Map<string, LoggedChange>();
  const lost = new Set<string>();
  const last: LastSeen = { sequence: 0, time: 0 };
  for await (const step of session.rows.scan(tableRange(TABLES.log), ROWS_PER_CHECK_STEP)) {
    const changes = step.flatMap((row) => inOrder(session, row, last) ?? []);
    session.changes += changes.length;
    await collect(session, changes, unnoted, lost);
    await session.step(step.length);
  }
  for (const fingerprint of lost) session.found({ kind: 'certificate-lost', fingerprint });
  for (const change of unnoted.values()) await checkUnnoted(session, change);
  await session.step(0);
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
async function collect(
  session: CheckSession,
  changes: readonly LoggedChange[],
  unnoted: Map<string, LoggedChange>,
  lost: Set<string>,
): Promise<void> {
  const octets = changes.map((change) => change.fingerprintOctets);
  const facts = await session.rows.getMany(octets.map(factsKey));
  const present = await session.rows.hasMany(octets.map(certificateKey));
  for (const [index, change] of changes.entries()) {
    const its = readableFacts(facts[index]);
    if (present[index] !== true) lost.add(change.fingerprint);
    else if (its !== undefined && its.sequence < change.sequence) unnoted.set(change.fingerprint, change);
  }
}

async function checkUnnoted(session: CheckSession, change: LoggedChange): Promise<void> {
  const { fingerprint, fingerprintOctets: octets, sequence } = change;
  const [bytes, value] = await session.rows.getMany([certificateKey(octets), factsKey(octets)]);
  const facts = readableFacts(value);
  if (bytes === undefined || facts === undefined || facts.sequence >= sequence) return;
  const finding = { kind: 'change-unnoted', fingerprint, sequence } as const;
  if (sha256(bytes).toString('hex') !== change.digest) {
    session.found(finding);
    return;
  }
  session.found(finding, () => [{ key: factsKey(octets), value: writeFacts(sequence, facts.terms) }]);
}
