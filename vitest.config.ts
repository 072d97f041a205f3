import { availableParallelism } from 'node:os';
import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    globalSetup: ['test/build-dist.ts'],
    // Half of them wait for processes of their own: one core less than there are, the default, is too few.
    maxWorkers: Math.max(2, availableParallelism()),
    // Some tests start real processes and some make keys; a busy machine must not fail them.
    testTimeout: 60_000,
    hookTimeout: 60_000,
    coverage: {
      // The rooms where an untested branch is unsafe. The goal is 100 %; it is printed, not yet enforced.
      include: ['src/bytes/**', 'src/openpgp/**'],
      reporter: ['text'],
    },
  },
});
