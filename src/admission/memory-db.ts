import type { StateDb, Table } from './table.ts';

/** Tables that live as long as the process: for one decision without a daemon. */
export function memoryDb(): StateDb {
  const tables = new Map<string, Map<string, string>>();
  return {
    table: <Value>(name: string): Table<Value> => {
      const rows = tables.get(name) ?? new Map<string, string>();
      tables.set(name, rows);
      // Kept as text, as a database would: what a caller changes in a value that it got is not kept.
      const read = (text: string): Value => JSON.parse(text);
      return {
        get: (key) => {
          const text = rows.get(key);
          return Promise.resolve(text === undefined ? undefined : read(text));
        },
        put: (key, value) => {
          rows.set(key, JSON.stringify(value));
          return Promise.resolve();
        },
        delete: (key) => {
          rows.delete(key);
          return Promise.resolve();
        },
        entries: async function* (from = '') {
          const order = [...rows.keys()].toSorted((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
          for (const key of order) {
            const text = rows.get(key);
            if (text === undefined || Buffer.compare(Buffer.from(key), Buffer.from(from)) < 0) continue;
            yield [key, read(text)] as const;
          }
        },
      };
    },
    dropped: 0,
    close: () => Promise.resolve(),
  };
}
