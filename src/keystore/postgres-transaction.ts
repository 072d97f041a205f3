/* What is said on one connection. Statements that need no answer of one another are sent together. */
import { IDLE_SNAPSHOT_TIMEOUT } from './limits.ts';
import type { Connection } from './postgres-connections.ts';
import { failureKind, unavailable } from './postgres-failure.ts';
import { storedKey, storedRow } from './postgres-key.ts';
import type { StoredRow } from './postgres-reader.ts';
import { COMMIT, DELETE, PUT } from './postgres-sql.ts';
import type { Statement } from './postgres-sql.ts';
import type { Row, RowWrite } from './rows.ts';

export async function ask(
  connection: Connection,
  { name, text }: Statement,
  values: readonly unknown[],
): Promise<readonly StoredRow[]> {
  const { rows } = await connection.query({ name, text, values: [...values] });
  return rows;
}

/** What was sent at once; throws what failed first, when all is answered. */
export async function together<T extends readonly Promise<unknown>[]>(
  sent: readonly [...T],
): Promise<{ -readonly [Index in keyof T]: Awaited<T[Index]> }> {
  await Promise.allSettled(sent);
  return Promise.all(sent);
}

/** Of several writes of one row the last counts. */
export function put(connection: Connection, batch: readonly RowWrite[]): Promise<unknown>[] {
  const last = new Map(batch.map((write) => [write.key.toString('latin1'), write]));
  const rows: Row[] = [];
  const gone: Buffer[] = [];
  for (const { key, value } of last.values()) {
    if (value === undefined) gone.push(storedKey(key));
    else rows.push(storedRow(key, value));
  }
  return [
    ...(rows.length > 0 ? [ask(connection, PUT, columns(rows))] : []),
    ...(gone.length > 0 ? [ask(connection, DELETE, [gone])] : []),
  ];
}

/** Rows as two lists: of their keys, and of their values. */
export function columns(rows: readonly Row[]): [Buffer[], Buffer[]] {
  return [rows.map(([key]) => key), rows.map(([, value]) => value)];
}

/** Writes and commits. What becomes of a batch whose answer is lost is not known: it is not tried again. */
export async function finish(connection: Connection, batch: readonly RowWrite[]): Promise<void> {
  try {
    await together([...put(connection, batch), connection.query(COMMIT)]);
  } catch (error) {
    const kind = failureKind(error);
    throw kind === 'lost' || kind === 'late' ? unavailable(error) : error;
  }
}

/** Lets the transaction that has begun lie idle for longer. */
export function patient(connection: Connection): Promise<unknown> {
  return connection.query(`SET LOCAL idle_in_transaction_session_timeout = ${IDLE_SNAPSHOT_TIMEOUT}`);
}
