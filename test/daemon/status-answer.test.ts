import { expect, it } from 'vitest';
import { statusAnswer } from '../../src/daemon/status-answer.ts';
import type { ObserverParts } from '../../src/daemon/observer.ts';
import { loadDaemonConfig } from '../../src/config/load-daemon-config.ts';
import { inTempFolder } from '../cli/vouch.ts';
import { metricsOf } from './metrics-of.ts';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';

const NOW = Date.parse('2026-11-22T12:00:00Z');

/** With everything that may be there. */
async function withParts<T>(use: (parts: ObserverParts) => T): Promise<T> {
  return inTempFolder(async (folder) => {
    const file = join(folder, 'daemon.toml');
    await writeFile(file, 'state = "/s"\nkeys = "/k"\nkeystores = []\n', { mode: 0o600 });
    const counters = {
      hashedOctets: 1,
      hashes: 2,
      hits: 3,
      misses: 4,
      joined: 5,
      queueDepth: 6,
      rereadOctets: 7,
    };
    const keystore = { name: 'https://k', up: false, problem: 'late', changeLog: true };
    return use({
      config: loadDaemonConfig({ flags: { config: file }, environment: {} }),
      version: '1',
      metrics: metricsOf(counters, NOW),
      policies: { status: undefined, problem: { code: 'BAD', message: 'm', time: 't', sha256: 's' } },
      policy: () => undefined,
      keys: {
        status: () => ({
          epoch: 1,
          keys: [],
          keystores: [{ ...keystore, lastSuccess: NOW / 1000, nextTry: NOW / 1000 + 60 }],
        }),
      },
      images: { counters },
      decisions: { position: 9 },
      logProblem: () => undefined,
      keysProblem: () => undefined,
      threadsProblem: () => undefined,
      staleKeys: () => [
        { fingerprint: 'AA', signers: ['alice'], age: 20_000, allowed: 36_000, percent: 50 },
        { fingerprint: 'BB', signers: ['bob', 'eve'], allowed: 3600, percent: 100 },
      ],
      clockSuspect: () => false,
      event: () => Promise.resolve(),
      jobs: () => [{ name: 'sweep', lastSuccess: NOW, problem: 'p', running: true, overlaps: 0 }],
      callers: () => [],
      now: () => NOW,
    });
  });
}

function keysOf(value: unknown): string[] {
  if (typeof value !== 'object' || value === null) return [];
  if (Array.isArray(value)) return value.flatMap(keysOf);
  return Object.entries(value).flatMap(([key, one]) => [key, ...keysOf(one)]);
}

it('names everything in small letters and underscores', async () => {
  const answer = await withParts((parts) => statusAnswer(parts, { started: NOW, problems: [] }));
  const keys = keysOf(answer);
  expect(keys.filter((key) => !/^[a-z]+[a-z0-9]*(_[a-z0-9]+)*$/.test(key))).toEqual([]);
  expect(answer).toMatchObject({
    images: { hashed_bytes: 1, hashes: 2, hits: 3, misses: 4, joined: 5, queue_depth: 6, reread_bytes: 7 },
    jobs: [{ name: 'sweep', last_success: '2026-11-22T12:00:00.000Z' }],
    keys: {
      keystores: [
        {
          name: 'https://k',
          up: false,
          problem: 'late',
          change_log: true,
          last_success: '2026-11-22T12:00:00.000Z',
          next_try: '2026-11-22T12:01:00.000Z',
        },
      ],
    },
  });
});

it('AD13 warns of keys about which nothing was heard for long', async () => {
  const answer = await withParts((parts) => statusAnswer(parts, { started: NOW, problems: [] }));
  expect(answer).toMatchObject({
    warnings: [
      'no keystore has answered for 5h about the key AA of alice; 10h are allowed',
      'no keystore has ever answered about the key BB of bob, eve; 1h were allowed',
    ],
  });
});
