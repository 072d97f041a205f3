#!/usr/bin/env node
/**
 * `npm run fuzz [-- --minutes 10 --targets armor,sif --seed N --folder var/fuzz --real DIR]`: feeds the parsers and
 * the two services with changed inputs, those first that reached new code. What may never happen is a finding: an
 * error that is none of the program's own, an answer of 500, a promise that does not hold, no end. `--real` is a folder
 * of certificates and images to begin with, beside those that are made here. Exit 1: there are findings, in the folder.
 */
import { appendFileSync, mkdirSync, writeFileSync } from 'node:fs';
import { createHash } from 'node:crypto';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { Worker } from 'node:worker_threads';

const TARGETS = [
  'armor',
  'packets',
  'certificate',
  'secret-key',
  'sif',
  'signature',
  'policy',
  'ecl',
  'answer',
  'hkp',
  'daemon',
];

/** An input without an end for so long hangs, also on a machine that is busy with other things. Milliseconds. */
const HANG = 120_000;
/** Of processor time for one input, in milliseconds: a request may not hold up others for longer. */
const SLOW = 10_000;
/** Of the memory of a thread: what is read is bounded, and so is what reading it may take. */
const MEMORY_MIB = 1024;
const MOST_OCTETS = 2 * 1024 * 1024;

/** @typedef {{ minutes: number, seed: number, folder: string, real: string | undefined }} Options */

/**
 * @typedef {import('./worker.mjs').Feat & { target: string, seconds: number, findings: number }} Tally
 */

/**
 * @param {string} target
 * @param {Options} options
 * @returns {Promise<Tally>}
 */
async function fuzz(target, { minutes, seed, folder, real }) {
  const began = performance.now();
  const end = began + minutes * 60_000;
  /** @type {Map<string, number>} lengths, by what went wrong */
  const findings = new Map();
  /** @type {Tally} */
  const tally = { target, inputs: 0, kept: 0, slowest: 0, seconds: 0, findings: 0 };
  // A thread that hung or ran out of memory is replaced by another, with other inputs.
  for (let round = 0; round === 0 || end - performance.now() > 1000; round += 1) {
    const milliseconds = Math.max(1000, end - performance.now());
    const feat = await watch(
      { target, seed: seed + round, milliseconds, folder, real },
      (finding, octets) => {
        keep(path.join(folder, target, 'findings'), findings, finding, octets);
      },
    );
    tally.inputs += feat.inputs;
    tally.kept += feat.kept;
    tally.slowest = Math.max(tally.slowest, feat.slowest);
  }
  return { ...tally, seconds: Math.round((performance.now() - began) / 1000), findings: findings.size };
}

/**
 * @param {{ target: string, seed: number, milliseconds: number, folder: string, real: string | undefined }} work
 * @param {(finding: string, octets: Uint8Array) => void} found
 * @returns {Promise<import('./worker.mjs').Feat>}
 */
function watch(work, found) {
  const current = new SharedArrayBuffer(8 + MOST_OCTETS);
  const counters = new Int32Array(current, 0, 2);
  const atWork = () => Buffer.from(current, 8, Math.min(Atomics.load(counters, 1), MOST_OCTETS));
  const module = new URL(`./targets/${work.target}.mjs`, import.meta.url).href;
  const worker = new Worker(new URL('./worker.mjs', import.meta.url), {
    workerData: { ...work, module, current },
    resourceLimits: { maxOldGenerationSizeMb: MEMORY_MIB },
  });
  /** @type {import('./worker.mjs').Feat} */
  let feat = { inputs: 0, kept: 0, slowest: 0 };
  let complete = false;
  return new Promise((resolve) => {
    let inputs = 0;
    let since = performance.now();
    const guard = setInterval(() => {
      const now = Atomics.load(counters, 0);
      if (now !== inputs) [inputs, since] = [now, performance.now()];
      else if (performance.now() - since > HANG) {
        found('no end', atWork());
        void worker.terminate();
      }
    }, 1000);
    worker.on(
      'message',
      (/** @type {{ finding: string, octets: Uint8Array } | { feat: typeof feat }} */ told) => {
        if ('finding' in told) found(told.finding, told.octets);
        else [feat, complete] = [told.feat, true];
      },
    );
    worker.on('error', (error) => found(error.stack ?? error.message, atWork()));
    worker.on('exit', () => {
      clearInterval(guard);
      if (!complete) feat = { ...feat, inputs: Atomics.load(counters, 0) };
      resolve(feat);
    });
  });
}

/**
 * Keeps the shortest input for each thing that goes wrong: errors from one place in the code are one thing.
 *
 * @param {string} folder
 * @param {Map<string, number>} known
 * @param {string} finding
 * @param {Uint8Array} octets
 */
function keep(folder, known, finding, octets) {
  const lines = finding.split('\n');
  const place = lines.find((one) => /^\s+at (?!must )/.test(one)) ?? lines[0] ?? '';
  if ((known.get(place) ?? Infinity) <= octets.length) return;
  if (!known.has(place)) console.error(`FOUND ${path.basename(path.dirname(folder))}: ${finding}\n`);
  known.set(place, octets.length);
  mkdirSync(folder, { recursive: true });
  const name = path.join(folder, createHash('sha256').update(place).digest('hex').slice(0, 12));
  writeFileSync(name, octets);
  writeFileSync(`${name}.txt`, `${finding}\n`);
}

/** @param {Tally} tally */
function line({ target, inputs, seconds, kept, slowest, findings }) {
  const cells = [target.padEnd(12), `${inputs} inputs`.padStart(16), `${seconds} s`.padStart(8)];
  const rest = `${kept} reached new code, slowest ${slowest} ms, ${findings} findings`;
  return `${cells.join(' ')}  ${rest}${slowest > SLOW ? ', TOO SLOW' : ''}`;
}

async function main() {
  const { values } = parseArgs({
    options: {
      minutes: { type: 'string', default: '10' },
      targets: { type: 'string', default: TARGETS.join(',') },
      seed: { type: 'string', default: String(Math.floor(Math.random() * 1_000_000)) },
      folder: { type: 'string', default: 'var/fuzz' },
      real: { type: 'string' },
    },
  });
  const targets = values.targets.split(',');
  const [minutes, seed] = [Number(values.minutes), Number(values.seed)];
  if (!(minutes > 0) || !Number.isSafeInteger(seed) || !targets.every((name) => TARGETS.includes(name))) {
    console.error(
      `usage: npm run fuzz -- [--minutes N] [--targets ${TARGETS.join(',')}] [--seed N] [--folder DIR] [--real DIR]`,
    );
    return 64;
  }
  const folder = path.resolve(values.folder);
  mkdirSync(folder, { recursive: true });
  console.log(`seed ${seed}: ${targets.length} targets in ${minutes} minutes, kept in ${folder}`);
  let failed = false;
  for (const target of targets) {
    const share = { minutes: minutes / targets.length, seed, folder, real: values.real };
    const tally = await fuzz(target, share);
    console.log(line(tally));
    appendFileSync(path.join(folder, 'tally.jsonl'), `${JSON.stringify({ ...tally, seed })}\n`);
    failed ||= tally.findings > 0 || tally.slowest > SLOW;
  }
  return failed ? 1 : 0;
}

process.exitCode = await main();
