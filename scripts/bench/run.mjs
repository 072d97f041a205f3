#!/usr/bin/env node
/** `npm run bench -- NAME [options]`. */

/** @type {Readonly<Record<string, () => Promise<(args: readonly string[]) => Promise<void>>>>} */
const BENCHMARKS = {
  admit: async () => (await import('./admit.mjs')).benchAdmit,
  connections: async () => (await import('./connections.mjs')).benchConnections,
  fleet: async () => (await import('./fleet.mjs')).benchFleet,
  goals: async () => (await import('./all-goals.mjs')).benchGoals,
  growth: async () => (await import('./growth.mjs')).benchGrowth,
  keystore: async () => (await import('./keystore.mjs')).benchKeystore,
  loads: async () => (await import('./loads.mjs')).benchLoads,
  nodes: async () => (await import('./nodes.mjs')).benchNodes,
  open: async () => (await import('./open.mjs')).benchOpen,
  pushes: async () => (await import('./pushes.mjs')).benchPushes,
  report: async () => (await import('./report/run.mjs')).benchReport,
  verify: async () => (await import('./verify.mjs')).benchVerify,
  weak: async () => (await import('./weak.mjs')).benchWeak,
};

const [, , name = '', ...args] = process.argv;
const load = Object.hasOwn(BENCHMARKS, name) ? BENCHMARKS[name] : undefined;
if (load === undefined) {
  console.error(`usage: npm run bench -- ${Object.keys(BENCHMARKS).join('|')} [options]`);
  process.exitCode = 64;
} else {
  await (
    await load()
  )(args);
}
