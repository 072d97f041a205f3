/**
 * `npm run bench -- verify [--gib 1,4] [--rounds 5] [--starts 21] [--folder DIR] [--json FILE]`
 *
 * How long `vouch verify` takes for large images, beside `openssl dgst -sha256` of the same file and the
 * reference library in Go, and how long it takes to start; peak memory of each. All in one run, in turns, from
 * the page cache. Read the ratios first. Debian's Go 1.19 has no SHA instructions: a newer Go is as fast as
 * OpenSSL, so its column says nothing of what people have.
 */
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { buildGo, findCompiler, hasLibrary } from '../interop/go-program.mjs';
import { clientEnvironment, findProgram, must } from '../interop/program.mjs';
import { median, short, spread, table } from './figures.mjs';
import { goalRow, HEAD } from './goal-row.mjs';
import { measuredOf } from './measured.mjs';
import { makeImage } from './signed-image.mjs';
import { timedRuns } from './timed-run.mjs';

const MAIN = fileURLToPath(new URL('../../dist/cli/main.js', import.meta.url));
const MIB = 1024 * 1024;

/** @typedef {Readonly<Record<string, readonly string[]>>} Programs the words that start each */
/** @typedef {Record<string, import('./timed-run.mjs').Run[]>} Results */

/**
 * Every program once in each round, in turns; the first round only warms up.
 *
 * @param {Programs} programs
 * @param {number} rounds
 * @param {Awaited<ReturnType<typeof timedRuns>>} run
 */
async function inTurns(programs, rounds, run) {
  /** @type {Results} */
  const results = Object.fromEntries(Object.keys(programs).map((name) => [name, []]));
  for (let round = 0; round <= rounds; round += 1) {
    for (const [name, words] of Object.entries(programs)) {
      const one = await run(words);
      if (round > 0) results[name]?.push(one);
    }
  }
  return results;
}

/**
 * @param {Results} results
 * @param {string} yardstick
 * @param {number} [octets] of the file, for the rate
 */
function summary(results, yardstick, octets) {
  const base = results[yardstick]?.map((one) => one.milliseconds) ?? [];
  return Object.entries(results).map(([name, runs]) => {
    const times = runs.map((one) => one.milliseconds);
    const ratios = times.map((value, round) => value / (base[round] ?? Number.NaN));
    return {
      name,
      ratio: median(ratios),
      least: Math.min(...ratios),
      most: Math.max(...ratios),
      milliseconds: median(times),
      megabytesPerSecond: octets === undefined ? null : octets / 1000 / median(times),
      peakMebibytes: Math.max(...runs.map((one) => one.peak)),
      spread: spread(times),
      times,
    };
  });
}

/**
 * @param {ReturnType<typeof summary>} lines
 * @param {string} title
 * @param {string} yardstick
 */
function print(lines, title, yardstick) {
  const head = [title, `× ${yardstick}`, 'range', 'ms', 'MB/s', 'peak MiB', 'spread %'];
  const rows = lines.map((line) => [
    line.name,
    short(line.ratio),
    `${short(line.least)}–${short(line.most)}`,
    short(line.milliseconds),
    line.megabytesPerSecond === null ? '' : short(line.megabytesPerSecond),
    short(line.peakMebibytes),
    short(line.spread * 100),
  ]);
  console.log(`\n${table([head, ...rows])}`);
}

/**
 * The Go program, when it can be built here.
 *
 * @param {string} folder
 * @param {string} keys
 * @returns {Promise<(image: string) => Programs>}
 */
async function goProgram(folder, keys) {
  const compiler = await findCompiler();
  const canBuild = compiler !== undefined && (await hasLibrary('github.com/sylabs/sif/pkg/integrity'));
  if (!canBuild) {
    console.log('without Go: golang-go and golang-github-sylabs-sif-dev are not installed');
    return () => ({});
  }
  const sifcheck = await buildGo('sifcheck', compiler, folder);
  return (image) => ({ 'sif 2.8.3, Go 1.19': [sifcheck, 'verify', image, path.join(keys, 'pgp-public')] });
}

/** @param {readonly string[]} args */
export async function benchVerify(args) {
  const { values } = parseArgs({
    args: [...args],
    options: {
      gib: { type: 'string', default: '1,4' },
      rounds: { type: 'string', default: '5' },
      starts: { type: 'string', default: '21' },
      folder: { type: 'string' },
      json: { type: 'string' },
    },
  });
  const sizes = {
    gib: values.gib.split(',').map(Number),
    rounds: Number(values.rounds),
    starts: Number(values.starts),
  };
  const report = await inFolder(values.folder, (folder) => measure(folder, sizes));
  console.log(`\n${table([HEAD, ...measuredIn(report).map(goalRow)])}`);
  if (values.json !== undefined) await writeFile(values.json, `${JSON.stringify(report, null, 2)}\n`);
}

/**
 * P11, P14 and `P17 version`.
 *
 * @param {{ rounds: number, starts: number }} sizes
 * @param {string} [parent] where its files are until it ends
 * @returns {Promise<import('./goals.mjs').Measured[]>}
 */
export async function measureVerify({ rounds, starts }, parent) {
  return measuredIn(await inFolder(parent, (folder) => measure(folder, { gib: [1], rounds, starts })));
}

/**
 * @param {string | undefined} parent
 * @param {(folder: string) => Promise<Report>} work
 */
async function inFolder(parent = os.tmpdir(), work) {
  await mkdir(parent, { recursive: true });
  const folder = await mkdtemp(path.join(path.resolve(parent), 'vouch-verify-'));
  try {
    return await work(folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/**
 * @typedef {object} Report
 * @property {string} node
 * @property {number} rounds
 * @property {number} starts
 * @property {ReturnType<typeof summary>} start
 * @property {{ gib: number, lines: ReturnType<typeof summary> }[]} large
 */

/**
 * @param {Report} report
 * @returns {import('./goals.mjs').Measured[]}
 */
function measuredIn({ start, large }) {
  const gibibyte = large.find(({ gib }) => gib === 1)?.lines ?? [];
  return [
    ...measuredBeside('P11', gibibyte, 'vouch verify', 'openssl'),
    ...measuredBeside('P14', start, 'vouch verify, 4 MiB', 'node -e 0'),
    ...measuredBeside('P17 version', start, 'vouch --version', 'node -e 0'),
  ];
}

/**
 * @param {string} goal
 * @param {ReturnType<typeof summary>} lines
 * @param {string} ours
 * @param {string} yardstick
 * @returns {import('./goals.mjs').Measured[]} none when one of them was not run
 */
function measuredBeside(goal, lines, ours, yardstick) {
  const [mine, its] = [ours, yardstick].map((name) => lines.find((line) => line.name === name));
  if (mine === undefined || its === undefined) return [];
  const figures = { [`${ours} ms`]: mine.milliseconds, [`${yardstick} ms`]: its.milliseconds };
  return [measuredOf(goal, { ours: mine.times, yardstick: its.times }, figures)];
}

/**
 * @param {string} folder
 * @param {{ gib: readonly number[], rounds: number, starts: number }} sizes
 * @returns {Promise<Report>}
 */
async function measure(folder, { gib: sizes, rounds, starts }) {
  const env = clientEnvironment({ HOME: folder });
  delete env['NODE_EXTRA_CA_CERTS'];
  const keys = path.join(folder, 'keys');
  await writeFile(path.join(folder, 'pw'), 'bench\n', { mode: 0o600 });
  const who = ['--name', 'Bench', '--email', 'bench@example.org', '--comment', '', '--no-push'];
  const how = ['--algorithm', 'ed25519', '--password-file', path.join(folder, 'pw'), '--keysdir', keys];
  await must(process.execPath, [MAIN, 'key', 'newpair', ...who, ...how], { env });
  const run = await timedRuns({ scratch: path.join(folder, 'time'), env });
  const go = await goProgram(folder, keys);
  console.log(`Node ${process.version}; medians of ${rounds} rounds, of ${starts} for starts`);

  const small = await makeImage(folder, keys, 4, env);
  const node = process.execPath;
  const verify = [node, MAIN, 'verify', '--local', '--keysdir', keys];
  const startTimes = summary(
    await inTurns(
      {
        'node -e 0': [node, '-e', '0'],
        'vouch --version': [node, MAIN, '--version'],
        'vouch --help': [node, MAIN, '--help'],
        'vouch verify, 4 MiB': [...verify, small],
        ...go(small),
      },
      starts,
      run,
    ),
    'node -e 0',
  );
  print(startTimes, 'start', 'node -e 0');

  const large = [];
  const hasOpenssl = (await findProgram('openssl')) !== undefined;
  const yardstick = hasOpenssl ? 'openssl' : 'vouch verify';
  for (const gib of sizes) {
    const image = await makeImage(folder, keys, gib * 1024, env);
    const programs = {
      ...(hasOpenssl ? { openssl: ['openssl', 'dgst', '-sha256', image] } : {}),
      'vouch verify': [...verify, image],
      ...go(image),
    };
    const lines = summary(await inTurns(programs, rounds, run), yardstick, gib * 1024 * MIB);
    print(lines, `${gib} GiB`, yardstick);
    large.push({ gib, lines });
    await rm(image);
  }
  return { node: process.version, rounds, starts, start: startTimes, large };
}
