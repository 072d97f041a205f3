/*
 * The statements, in what PostgreSQL, CockroachDB and YugabyteDB have in common. Keys compare octet by octet in all of
 * them; `key ASC` keeps YugabyteDB from spreading the index by hash. Named statements are parsed once a connection.
 */
import { SCAN_OCTETS } from './limits.ts';
import { SHORTEST_CUT_KEY } from './postgres-key.ts';

/** A statement with a name. All rows of all answers have a `key`, and a `value` where there is one to tell. */
export interface Statement {
  readonly name: string;
  readonly text: string;
}

export const CREATE_TABLE = `
  CREATE TABLE IF NOT EXISTS vouch_row (key BYTEA NOT NULL, value BYTEA NOT NULL);
  CREATE UNIQUE INDEX IF NOT EXISTS vouch_row_key ON vouch_row (key ASC)`;

export const FIND_TABLE = 'SELECT key, value FROM vouch_row LIMIT 0';

export const TABLE_OCTETS: string = tellingText("pg_total_relation_size('vouch_row')::TEXT");

export const READ_ONLY: string = tellingText("current_setting('transaction_read_only')");

/** What comes after sees all that was committed before it began: behind a lock, all there is. */
export const BEGIN = 'BEGIN ISOLATION LEVEL READ COMMITTED';

export const BEGIN_SNAPSHOT = 'BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY';

export const COMMIT = 'COMMIT';

export const CLEAR = 'TRUNCATE vouch_row';

export const GET: Statement = {
  name: 'vouch_get',
  text: 'SELECT key, value FROM vouch_row WHERE key = $1',
};

export const GET_MANY: Statement = {
  name: 'vouch_get_many',
  text: 'SELECT key, value FROM vouch_row WHERE key = ANY($1::BYTEA[])',
};

export const HAS_MANY: Statement = {
  name: 'vouch_has_many',
  text: 'SELECT key FROM vouch_row WHERE key = ANY($1::BYTEA[])',
};

export const LOCK: Statement = {
  name: 'vouch_lock',
  text: 'SELECT key, value FROM vouch_row WHERE key = $1 FOR UPDATE',
};

/** The first octets of values. */
export const BEGINNINGS: Statement = {
  name: 'vouch_beginnings',
  text: 'SELECT key, substring(value, 1, $2::INT) AS value FROM vouch_row WHERE key = ANY($1::BYTEA[])',
};

export const PUT: Statement = {
  name: 'vouch_put',
  text:
    'INSERT INTO vouch_row (key, value) SELECT key, value FROM unnest($1::BYTEA[], $2::BYTEA[]) AS put (key, value) ' +
    'ON CONFLICT (key) DO UPDATE SET value = excluded.value',
};

export const ADD: Statement = {
  name: 'vouch_add',
  text:
    'INSERT INTO vouch_row (key, value) SELECT key, value FROM unnest($1::BYTEA[], $2::BYTEA[]) AS put (key, value) ' +
    'ON CONFLICT (key) DO NOTHING',
};

export const DELETE: Statement = {
  name: 'vouch_delete',
  text: 'DELETE FROM vouch_row WHERE key = ANY($1::BYTEA[])',
};

export interface ScanShape {
  readonly what: 'rows' | 'keys';
  readonly reverse: boolean;
  /** Whether the range has an end. */
  readonly ends: boolean;
}

/**
 * A piece of a range: `$1` how many rows at the most, `$2` where it begins, `$3` before what it ends. Of rows not more
 * than `SCAN_OCTETS`, and one; of keys only those have a value whose key may be cut.
 */
export function scanStatement({ what, reverse, ends }: ScanShape): Statement {
  const order = reverse ? 'DESC' : 'ASC';
  const piece =
    `SELECT key, value FROM vouch_row WHERE key >= $2${ends ? ' AND key < $3' : ''} ` +
    `ORDER BY key ${order} LIMIT $1::INT`;
  const text =
    what === 'keys'
      ? `SELECT key, CASE WHEN octet_length(key) >= ${SHORTEST_CUT_KEY} THEN value END AS value FROM (${piece}) AS piece`
      : 'SELECT key, value FROM (' +
        `SELECT key, value, sum(octet_length(value)) OVER (ORDER BY key ${order}) AS total FROM (${piece}) AS piece` +
        `) AS counted WHERE total - octet_length(value) < ${SCAN_OCTETS}`;
  const name = `vouch_${what}_${reverse ? 'down' : 'up'}${ends ? '' : '_open'}`;
  return { name, text: `${text} ORDER BY key ${order}` };
}

function tellingText(expression: string): string {
  return `SELECT ''::BYTEA AS key, convert_to(${expression}, 'UTF8') AS value`;
}
