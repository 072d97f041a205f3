#!/usr/bin/env node
/** `npm run bench -- NAME [options]`. */

/** @type {Readonly<Record<string, () => Promise<(args: readonly string[]) => Promise<void>>>>} */
const BENCHMARKS = {
  admit: async () => (await import('./admit.mjs')).benchAdmit,
  loads: async () => (await import('./loads.mjs')).benchLoads,
  keystore: async () => (await import('./keystore.mjs')).benchKeystore,
  pushes: async () => (await import('./pushes.mjs')).benchPushes,
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
