import { mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';

/**
 * Benchmarks that give figures for goals.
 *
 * @typedef {{ quick: boolean }} Effort `quick`: few rounds and small sizes, to see that it works.
 * @typedef {object} Suite
 * @property {string} name
 * @property {readonly string[]} goals
 * @property {readonly import('./peers.mjs').Peer[]} peers What it cannot do without.
 * @property {(effort: Effort) => Promise<readonly import('./goals.mjs').Measured[]>} measure
 */

/**
 * Of the keystore: each in a folder of its own.
 *
 * @param {'measureBesideBare' | 'measureBesideSks' | 'measureGrowth' | 'measureEndurance'} measure
 * @param {{ rounds: number, seconds: number }} effort
 * @param {Readonly<Record<string, number>>} [sizes]
 */
async function keystore(measure, effort, sizes = {}) {
  const folder = await mkdtemp(path.join(os.tmpdir(), 'vouch-bench-'));
  try {
    return await (await import('./keystore-goals.mjs'))[measure]({ folder, ...effort, ...sizes });
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

const FEW = { rounds: 2, seconds: 1 };
const ENOUGH = { rounds: 5, seconds: 3 };

/** @type {readonly Suite[]} */
export const SUITES = [
  {
    name: 'lookups beside node:http',
    goals: ['P1', 'P2', 'P3 c16', 'P3 c64', 'P7 bare', 'P19'],
    peers: ['wrk'],
    measure: ({ quick }) => keystore('measureBesideBare', quick ? FEW : ENOUGH),
  },
  {
    name: 'lookups beside SKS',
    goals: ['P4 c1', 'P4 c16', 'P4 c64', 'P5', 'P7 sks'],
    peers: ['wrk', 'sks'],
    measure: ({ quick }) => keystore('measureBesideSks', quick ? FEW : ENOUGH),
  },
  {
    name: 'pushes',
    goals: ['P8 c1', 'P8 c8'],
    peers: ['sks'],
    measure: async ({ quick }) => (await import('./pushes.mjs')).measurePushGoals({ rounds: quick ? 1 : 5 }),
  },
  {
    name: 'loads',
    goals: ['P9', 'P10'],
    peers: ['sq', 'sks'],
    measure: async ({ quick }) =>
      (await import('./loads.mjs')).measureLoads(
        quick ? { rounds: 1, size: 500 } : { rounds: 5, size: 6000 },
      ),
  },
  {
    name: 'start',
    goals: ['P17 serve'],
    peers: [],
    measure: async ({ quick }) =>
      (await import('./serve-start.mjs')).measureServeStart({ starts: quick ? 3 : 21 }),
  },
  {
    name: 'lookups by size of the store',
    goals: ['P20'],
    peers: ['wrk'],
    measure: ({ quick }) =>
      keystore('measureGrowth', quick ? FEW : ENOUGH, quick ? { small: 1000, large: 10_000 } : {}),
  },
  {
    name: 'endurance',
    goals: ['P21'],
    peers: ['wrk'],
    measure: ({ quick }) =>
      keystore('measureEndurance', FEW, quick ? { certificates: 10_000, lookups: 100_000 } : {}),
  },
  {
    name: 'verify',
    goals: ['P11', 'P14', 'P17 version'],
    peers: ['openssl'],
    measure: async ({ quick }) =>
      (await import('./verify.mjs')).measureVerify(
        quick ? { rounds: 1, starts: 3 } : { rounds: 5, starts: 21 },
      ),
  },
  {
    name: 'admit',
    goals: ['P12 rate', 'P12 two', 'P12 memory', 'P13', 'P15', 'P16', 'P22', 'P23'],
    peers: ['openssl', 'curl'],
    measure: async ({ quick }) =>
      (await import('./admit.mjs')).measureAdmit(
        quick
          ? { gib: 1, rounds: 1, requests: 200, starts: 3 }
          : { gib: 4, rounds: 5, requests: 2000, starts: 21 },
      ),
  },
  {
    name: 'open',
    goals: ['P18'],
    peers: [],
    measure: async ({ quick }) => (await import('./open.mjs')).measureOpen({ rounds: quick ? 3 : 11 }),
  },
  {
    name: 'fleet',
    goals: ['P24'],
    peers: [],
    measure: async ({ quick }) =>
      (await import('./fleet.mjs')).measureFleet(
        quick
          ? { hosts: 200, keys: 200, sample: 10, rounds: 1 }
          : { hosts: 10_000, keys: 200, sample: 100, rounds: 1 },
      ),
  },
];
