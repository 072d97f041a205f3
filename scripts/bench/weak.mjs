/**
 * `npm run bench -- weak [--keys 200] [--moduli 64,512]`
 *
 * What looking for weak keys costs: microseconds for a key of each size, by check, and seconds for comparing
 * so many moduli with each other, with the longest time that other work had to wait.
 */
import { generatePrimeSync, randomBytes } from 'node:crypto';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { parseArgs } from 'node:util';
import { looksLikeRoca } from '../../build/openpgp/roca.js';
import { findSharedFactors } from '../../build/openpgp/shared-factor.js';
import { hasSmallFactor } from '../../build/openpgp/small-factor.js';
import { median, short, table } from './figures.mjs';

const SIZES = [2048, 3072, 4096, 16_384];

/** Different primes are enough: how long a check takes does not depend on where the modulus comes from. */
const PRIMES = 64;

/**
 * Numbers of so many bits with no small factor.
 *
 * @param {number} bits
 * @param {number} count
 */
function moduliOf(bits, count) {
  const half = Math.min(bits / 2, 1024);
  const primes = Array.from({ length: PRIMES }, () => generatePrimeSync(half, { bigint: true }));
  return Array.from({ length: count }, (_, i) => {
    let modulus = 1n;
    for (let k = 0; k < bits / half; k += 1) modulus *= primes[(i * (k + 1) + k) % PRIMES] ?? 1n;
    return modulus;
  });
}

/**
 * Median microseconds of a call.
 *
 * @param {(modulus: bigint) => boolean} check
 * @param {readonly bigint[]} moduli
 */
function microseconds(check, moduli) {
  const times = moduli.map((modulus) => {
    const start = performance.now();
    check(modulus);
    return (performance.now() - start) * 1000;
  });
  return median(times);
}

/** @param {number} keys */
function measureChecks(keys) {
  const rows = SIZES.map((bits) => {
    const moduli = moduliOf(bits, keys);
    const [factor, roca] = [microseconds(hasSmallFactor, moduli), microseconds(looksLikeRoca, moduli)];
    return [`RSA ${bits}`, short(factor), short(roca)];
  });
  console.log(`\n${table([['µs a key', 'small factor', 'ROCA'], ...rows])}`);
}

/** @param {readonly number[]} counts */
async function measureShared(counts) {
  const rows = [];
  for (const count of counts) {
    const moduli = Array.from({ length: count }, () => randomModulus());
    const delay = monitorEventLoopDelay({ resolution: 1 });
    delay.enable();
    const start = performance.now();
    await findSharedFactors(moduli);
    const seconds = (performance.now() - start) / 1000;
    delay.disable();
    rows.push([`${count} × RSA 2048`, short(seconds), short(delay.max / 1e6)]);
  }
  console.log(`\n${table([['compared', 's', 'longest wait, ms'], ...rows])}`);
}

/** As good as a key's for this: 2048 bits and no small factor. Keys would take minutes to make. */
function randomModulus() {
  for (;;) {
    const modulus = BigInt(`0x${randomBytes(256).toString('hex')}`) | (1n << 2047n);
    if (!hasSmallFactor(modulus)) return modulus;
  }
}

/** @param {readonly string[]} args */
export async function benchWeak(args) {
  const { values } = parseArgs({
    args: [...args],
    options: {
      keys: { type: 'string', default: '200' },
      moduli: { type: 'string', default: '64,512' },
    },
  });
  console.log(`Node ${process.version}`);
  measureChecks(Number(values.keys));
  await measureShared(values.moduli.split(',').map(Number));
}
