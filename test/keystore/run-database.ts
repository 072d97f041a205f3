import type { TestProject } from 'vitest/node';

import { findPostgres, startPostgres } from '../../scripts/postgres/postgres-server.mjs';

/** Before tests that run on PostgreSQL: starts it. What is answered ends it. */
export default async function runDatabase(project: TestProject): Promise<() => Promise<void>> {
  const programs = await findPostgres();
  if (programs === undefined) throw new Error('PostgreSQL is missing: apt-get install postgresql');
  const server = await startPostgres(programs);
  project.provide('database', server.url);
  return () => server.remove();
}
