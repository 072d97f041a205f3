import { SCAN_OCTETS } from './limits.ts';
import { rowOf, storedKey } from './postgres-key.ts';
import { GET, GET_MANY, HAS_MANY, scanStatement } from './postgres-sql.ts';
import type { Statement } from './postgres-sql.ts';
import type { Row, RowRange, RowReader } from './rows.ts';

/** A row of an answer; where the statement has no value, or the value is left out, there is none. */
export interface StoredRow {
  readonly key: Buffer;
  readonly value?: Buffer | null;
}

/** Puts a statement to the database. Throws `KeystoreError`. */
export type Ask = (statement: Statement, values: readonly unknown[]) => Promise<readonly StoredRow[]>;

const EMPTY: Buffer = Buffer.alloc(0);

/** Rows of a PostgreSQL database, by whatever way they are asked for. */
export class PostgresReader implements RowReader {
  readonly #ask: Ask;

  constructor(ask: Ask) {
    this.#ask = ask;
  }

  async get(key: Buffer): Promise<Buffer | undefined> {
    const [row] = await this.#ask(GET, [storedKey(key)]);
    return row === undefined ? undefined : logical(row)[1];
  }

  async getMany(keys: readonly Buffer[]): Promise<(Buffer | undefined)[]> {
    const rows = await this.#ofKeys(GET_MANY, keys);
    return rows.map((row) => (row === undefined ? undefined : logical(row)[1]));
  }

  async hasMany(keys: readonly Buffer[]): Promise<boolean[]> {
    return (await this.#ofKeys(HAS_MANY, keys)).map((row) => row !== undefined);
  }

  async *scan(range: RowRange, size: number): AsyncGenerator<readonly Row[]> {
    yield* this.#pieces('rows', range, size);
  }

  async *scanKeys(range: RowRange, size: number): AsyncGenerator<readonly Buffer[]> {
    for await (const piece of this.#pieces('keys', range, size)) yield piece.map(([key]) => key);
  }

  async #ofKeys(statement: Statement, keys: readonly Buffer[]): Promise<(StoredRow | undefined)[]> {
    if (keys.length === 0) return [];
    const stored = keys.map(storedKey);
    return inOrderOf(stored, await this.#ask(statement, [stored]));
  }

  /** By keyset: each piece begins behind the one before, and may end early for its length. */
  async *#pieces(what: 'rows' | 'keys', range: RowRange, size: number): AsyncGenerator<readonly Row[]> {
    let { from, to } = ends(range);
    const { reverse = false, limit = Infinity } = range;
    for (let left = limit; left > 0;) {
      const statement = scanStatement({ what, reverse, ends: to !== undefined });
      const wanted = Math.min(size, left);
      const rows = await this.#ask(statement, to === undefined ? [wanted, from] : [wanted, from, to]);
      const last = rows.at(-1);
      if (last === undefined) return;
      yield rows.map(logical);
      if (rows.length < wanted && (what === 'keys' || !isCut(rows))) return;
      left -= rows.length;
      if (reverse) to = last.key;
      else from = after(last.key);
    }
  }
}

/** The rows of these keys, in their order; undefined where there is none. */
export function inOrderOf(keys: readonly Buffer[], rows: readonly StoredRow[]): (StoredRow | undefined)[] {
  const found = new Map(rows.map((row) => [row.key.toString('latin1'), row]));
  return keys.map((key) => found.get(key.toString('latin1')));
}

/** From the first key to before the second, as they are stored. */
function ends({ gt, gte, lt, lte }: RowRange): { from: Buffer; to: Buffer | undefined } {
  const from = gt === undefined ? storedKey(gte ?? EMPTY) : after(storedKey(gt));
  if (lte !== undefined) return { from, to: after(storedKey(lte)) };
  return { from, to: lt === undefined ? undefined : storedKey(lt) };
}

/** Whether the piece may have ended for its length, and not because nothing more is there. */
function isCut(rows: readonly StoredRow[]): boolean {
  return rows.reduce((sum, { value }) => sum + (value?.length ?? 0), 0) >= SCAN_OCTETS;
}

function logical({ key, value }: StoredRow): Row {
  return rowOf(key, value ?? EMPTY);
}

/** The next key in the order of octets. */
function after(key: Buffer): Buffer {
  return Buffer.concat([key, Buffer.of(0)]);
}
