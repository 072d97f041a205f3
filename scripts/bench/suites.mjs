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

/** @type {readonly Suite[]} */
export const SUITES = [
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
    name: 'start',
    goals: ['P17 serve'],
    peers: [],
    measure: async ({ quick }) =>
      (await import('./serve-start.mjs')).measureServeStart({ starts: quick ? 3 : 21 }),
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
