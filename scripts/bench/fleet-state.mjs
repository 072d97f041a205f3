/* What a host of the simulated fleet knows when it begins: everything, as of some hours ago. */
import path from 'node:path';
import { openKeyBook } from '../../build/admission/keys/open-key-book.js';
import { memoryDb } from '../../build/admission/memory-db.js';
import { HkpClient } from '../../build/hkp/client.js';

/**
 * The tables of a daemon, row by row.
 *
 * @typedef {Record<string, Record<string, unknown>>} State
 */

const TABLES = ['keys', 'key-answers', 'keys-epoch', 'keys-pinned', 'keystores'];

/**
 * A host that trusts all of these keys fetches them.
 *
 * @param {string} url
 * @param {string} folder
 * @param {readonly string[]} fingerprints
 * @param {number} now
 * @returns {Promise<State>}
 */
export async function learnKeys(url, folder, fingerprints, now) {
  const db = memoryDb();
  const book = await openHost({ db, folder, client: new HkpClient(url), now: () => now });
  await book.pin(fingerprints);
  const { failed } = await book.refresh();
  if (failed.length > 0) throw new Error(`keys were not fetched: ${JSON.stringify(failed[0])}`);
  await book.close();
  /** @type {State} */
  const state = {};
  for (const name of TABLES) {
    /** @type {Record<string, unknown>} */
    const rows = {};
    for await (const [key, value] of db.table(name).entries()) rows[key] = value;
    state[name] = rows;
  }
  return state;
}

/**
 * @param {{
 *   db: import('../../build/admission/table.js').StateDb, folder: string, now: () => number,
 *   client: import('../../build/admission/keys/managed-key-book.js').KeystoreClient,
 * }} host
 */
export function openHost({ db, folder, client, now }) {
  return openKeyBook({
    db,
    now,
    random: Math.random,
    sources: { folders: [path.join(folder, 'no-keys')], rings: [] },
    keystores: [client],
    user: process.getuid?.() ?? 0,
    onEvent: () => {},
    log: { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} },
  });
}

/**
 * The state again as a database of one host with these keys; what it writes is its own.
 *
 * @param {State} state
 * @param {readonly string[]} fingerprints
 * @returns {import('../../build/admission/table.js').StateDb}
 */
export function hostDb(state, fingerprints) {
  /** @param {string} name */
  const ofThese = (name) => new Map(fingerprints.map((key) => [key, state[name]?.[key]]));
  /** @type {Map<string, Map<string, unknown>>} */
  const tables = new Map([
    ['keys', ofThese('keys')],
    ['key-answers', ofThese('key-answers')],
    ['keys-pinned', new Map([['pinned', fingerprints]])],
    ['keystores', new Map(Object.entries(state['keystores'] ?? {}))],
  ]);
  return {
    dropped: 0,
    /** @param {string} name */
    table: (name) => {
      const rows = tables.get(name) ?? new Map();
      tables.set(name, rows);
      return {
        get: (key) => Promise.resolve(rows.get(key)),
        put: (key, value) => Promise.resolve(void rows.set(key, value)),
        delete: (key) => Promise.resolve(void rows.delete(key)),
        entries: async function* () {
          yield* rows;
        },
      };
    },
    close: () => Promise.resolve(),
  };
}
