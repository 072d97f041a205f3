import { availableParallelism } from 'node:os';
import { defineConfig } from 'vitest/config';
import type { TestProjectInlineConfiguration } from 'vitest/config';
import { findPostgres } from './scripts/postgres/postgres-server.mjs';

/** What is told of a store over HTTP is told alike whatever keeps it: these tests run on PostgreSQL once more. */
const ON_POSTGRES = [
  'answers',
  'changes',
  'lookup',
  'owner-removal',
  'paging',
  'people',
  'service',
  'upload',
  'v2',
  'discovery/routes',
].map((name) => `test/hkp/${name}.test.ts`);

// Some tests start real processes and some make keys; a busy machine must not fail them.
const patience = { testTimeout: 60_000, hookTimeout: 60_000 };

async function onPostgres(): Promise<TestProjectInlineConfiguration[]> {
  if ((await findPostgres()) === undefined && process.env['CI'] === undefined) {
    process.stderr.write('skipped: the tests on PostgreSQL (apt-get install postgresql)\n');
    return [];
  }
  const globalSetup = ['test/keystore/run-database.ts'];
  return [{ test: { name: 'on PostgreSQL', include: ON_POSTGRES, globalSetup, ...patience } }];
}

export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: 'vouch',
          include: ['test/**/*.test.ts'],
          globalSetup: ['test/build-dist.ts'],
          ...patience,
        },
      },
      ...(await onPostgres()),
    ],
    // Half of them wait for processes of their own: one core less than there are, the default, is too few.
    maxWorkers: Math.max(2, availableParallelism()),
    coverage: {
      // The rooms where an untested branch is unsafe. The goal is 100 %; it is printed, not yet enforced.
      include: ['src/bytes/**', 'src/openpgp/**'],
      reporter: ['text'],
    },
  },
});
