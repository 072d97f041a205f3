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
