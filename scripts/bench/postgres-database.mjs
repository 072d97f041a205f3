import { findPostgres, startPostgres } from '../postgres/postgres-server.mjs';
import { run } from '../interop/program.mjs';
import path from 'node:path';
import { familyProcessorTime } from './process-figures.mjs';

/**
 * @typedef {object} Database
 * @property {(name: string) => Promise<string>} make A database of its own, by its address.
 * @property {() => Promise<number>} processorTime Of all its processes, in microseconds.
 */

/**
 * Runs `use` with a PostgreSQL as Debian sets it up, which forces every commit to the disk, and removes it.
 *
 * @template Result
 * @param {(database: Database) => Promise<Result>} use
 * @returns {Promise<Result>}
 */
export async function withPostgres(use) {
  const programs = await findPostgres();
  if (programs === undefined) throw new Error('PostgreSQL is not installed (apt-get install postgresql)');
  const server = await startPostgres(programs, { settings: { fsync: 'on', shared_buffers: '512MB' } });
  try {
    return await use({
      async make(name) {
        const words = ['-d', server.url, '-c', `CREATE DATABASE ${name}`];
        const { code, text } = await run(path.join(programs, 'psql'), words);
        if (code !== 0) throw new Error(`a database cannot be made: ${text}`);
        return server.url.replace('/postgres?', `/${name}?`);
      },
      processorTime: () => familyProcessorTime(server.pid()),
    });
  } finally {
    await server.remove();
  }
}
