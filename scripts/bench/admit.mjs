/**
 * `npm run bench -- admit [--gib 4] [--rounds 5] [--requests 2000] [--starts 21] [--folder DIR] [--json FILE]`
 *
 * The trust daemon beside what bounds it, in one run and in turns: a decision about an image that is known beside
 * node:http that answers from memory on the same kind of socket; the gate for shells beside curl alone; a cold
 * image beside `openssl dgst -sha256`; 1,000 requests at once for a cold image beside one. Read the ratios first.
 * The decision log is on, as shipped.
 */
import { mkdir, mkdtemp, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { Agent } from 'node:http';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { ask, startDaemon } from '../interop/daemon-process.mjs';
import { clientEnvironment, findProgram } from '../interop/program.mjs';
import { prepareHost, startBare, untilKnown } from './admit-host.mjs';
import { latencies, post } from './admit-latency.mjs';
import { median, short, spread, table } from './figures.mjs';
import { memory } from './process-figures.mjs';
import { makeImage } from './signed-image.mjs';
import { timedRuns } from './timed-run.mjs';

const MAIN = fileURLToPath(new URL('../../dist/cli/main.js', import.meta.url));
const GATE = fileURLToPath(new URL('../../config/doors/vouch-gate', import.meta.url));

/** Requests at once for one cold image. */
const CROWD = 1000;

/** @param {readonly string[]} args */
export async function benchAdmit(args) {
  const { values } = parseArgs({
    args: [...args],
    options: {
      gib: { type: 'string', default: '4' },
      rounds: { type: 'string', default: '5' },
      requests: { type: 'string', default: '2000' },
      starts: { type: 'string', default: '21' },
      folder: { type: 'string' },
      json: { type: 'string' },
    },
  });
  const parent = values.folder === undefined ? os.tmpdir() : path.resolve(values.folder);
  await mkdir(parent, { recursive: true });
  const folder = await mkdtemp(path.join(parent, 'va-'));
  try {
    const report = await measure(folder, {
      gib: Number(values.gib),
      rounds: Number(values.rounds),
      requests: Number(values.requests),
      starts: Number(values.starts),
    });
    if (values.json !== undefined) await writeFile(values.json, `${JSON.stringify(report, null, 2)}\n`);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/**
 * @param {string} folder
 * @param {{ gib: number, rounds: number, requests: number, starts: number }} sizes
 */
async function measure(folder, sizes) {
  const env = clientEnvironment({ HOME: folder });
  delete env['NODE_EXTRA_CA_CERTS'];
  const config = await prepareHost(folder, env);
  const image = await makeImage(folder, path.join(folder, 'keys'), 4, env);
  const daemon = await startDaemon({ config, env });
  console.log(`Node ${process.version}; medians of ${sizes.rounds} rounds of ${sizes.requests} requests`);
  try {
    const body = JSON.stringify({ images: [{ path: image }] });
    const known = await untilKnown(daemon.socket, image);
    const bare = await startBare(folder, known);
    try {
      const targets = {
        'node:http alone': { socket: bare.socket, pid: bare.pid, body },
        'cached decision': { socket: daemon.socket, pid: daemon.pid, body },
      };
      const keepAlive = await latencies(targets, sizes, true);
      const newConnections = await latencies(targets, sizes, false);
      const gate = await gateCost(
        folder,
        { image, env: { ...env, VOUCH_SOCKET: daemon.socket } },
        sizes.starts,
      );
      const crowded = await crowdCost(daemon.socket, folder, env, sizes.rounds);
      const cold = await coldImage(daemon, folder, env, sizes);
      return { node: process.version, ...sizes, keepAlive, newConnections, gate, crowd: crowded, cold };
    } finally {
      bare.kill();
    }
  } finally {
    await daemon.kill();
  }
}

/**
 * Whole processes: the gate, beside curl with the same question.
 *
 * @param {string} folder
 * @param {{ image: string, env: NodeJS.ProcessEnv }} host
 * @param {number} starts
 */
async function gateCost(folder, { image, env }, starts) {
  if ((await findProgram('curl')) === undefined) {
    console.log('\nwithout the gate: curl is not installed');
    return undefined;
  }
  const run = await timedRuns({ scratch: path.join(folder, 'time'), env });
  const url = `http://localhost/v1/gate?path=${encodeURIComponent(image)}`;
  const programs = {
    curl: ['curl', '-s', '-o', '/dev/null', '--unix-socket', env['VOUCH_SOCKET'] ?? '', url],
    'vouch-gate': ['sh', GATE, image],
    'vouch admit': [process.execPath, MAIN, 'admit', image],
    'node -e 0': [process.execPath, '-e', '0'],
  };
  /** @type {Record<string, number[]>} */
  const times = Object.fromEntries(Object.keys(programs).map((name) => [name, []]));
  for (let i = 0; i <= starts; i += 1) {
    for (const [name, words] of Object.entries(programs)) {
      const { milliseconds } = await run(words);
      if (i > 0) times[name]?.push(milliseconds);
    }
  }
  const base = times['curl'] ?? [];
  const lines = Object.entries(times).map(([name, list]) => ({
    name,
    ratio: median(list.map((value, i) => value / (base[i] ?? Number.NaN))),
    milliseconds: median(list),
    spread: spread(list),
  }));
  const rows = lines.map((line) => [line.name, short(line.ratio), short(line.milliseconds)]);
  console.log(`\n${table([['whole process', '× curl', 'ms'], ...rows])}`);
  return lines;
}

/**
 * A crowd for one cold image, beside a single request for a cold image of the same size.
 *
 * @param {string} socket
 * @param {string} folder
 * @param {NodeJS.ProcessEnv} env
 * @param {number} rounds
 */
async function crowdCost(socket, folder, env, rounds) {
  const image = await makeImage(folder, path.join(folder, 'keys'), 256, env);
  const body = JSON.stringify({ images: [{ path: image }], wait_ms: 600_000 });
  const ratios = [];
  let hashes = 0;
  for (let round = 0; round < rounds; round += 1) {
    const single = await timeOf(image, () => crowd(socket, body, 1));
    const before = await hashesDone(socket);
    const many = await timeOf(image, () => crowd(socket, body, CROWD));
    hashes += (await hashesDone(socket)) - before;
    ratios.push(many / single);
  }
  await rm(image);
  const line = {
    requests: CROWD,
    ratio: median(ratios),
    least: Math.min(...ratios),
    most: Math.max(...ratios),
  };
  console.log(
    `\n${CROWD} at once for a cold image of 256 MiB: ${hashes / rounds} hash, ` +
      `${short(line.ratio)} × one request (${short(line.least)}–${short(line.most)})`,
  );
  return { ...line, hashesEach: hashes / rounds };
}

/**
 * Milliseconds; the image counts as changed before, so that it has to be read.
 *
 * @param {string} image
 * @param {() => Promise<void>} work
 */
async function timeOf(image, work) {
  await utimes(image, new Date(), new Date());
  const began = performance.now();
  await work();
  return performance.now() - began;
}

/**
 * @param {string} socket
 * @param {string} body
 * @param {number} requests
 */
async function crowd(socket, body, requests) {
  const agent = new Agent({ keepAlive: true, maxSockets: 256 });
  await Promise.all(Array.from({ length: requests }, () => post(socket, agent, body)));
  agent.destroy();
}

/** @param {string} socket */
async function hashesDone(socket) {
  const { text } = await ask(socket, 'GET', '/metrics');
  return Number(/^vouch_hashes_total (\d+)/m.exec(text)?.[1] ?? Number.NaN);
}

/**
 * @param {import('../interop/daemon-process.mjs').DaemonProcess} daemon
 * @param {string} folder
 * @param {NodeJS.ProcessEnv} env
 * @param {{ gib: number, rounds: number }} sizes
 */
async function coldImage(daemon, folder, env, { gib, rounds }) {
  if (gib === 0 || (await findProgram('openssl')) === undefined) {
    console.log('\nwithout a cold image: --gib 0, or openssl is not installed');
    return undefined;
  }
  const image = await makeImage(folder, path.join(folder, 'keys'), gib * 1024, env);
  // Into the page cache: the disk is not what is measured.
  const run = await timedRuns({ scratch: path.join(folder, 'time'), env });
  const openssl = ['openssl', 'dgst', '-sha256', image];
  await run(openssl);
  const body = JSON.stringify({ images: [{ path: image }], wait_ms: 600_000 });
  const ratios = [];
  const rates = [];
  const octets = (await stat(image)).size / 1e6;
  for (let round = 0; round < rounds; round += 1) {
    const yardstick = (await run(openssl)).milliseconds;
    const ours = await timeOf(image, () => crowd(daemon.socket, body, 1));
    ratios.push(yardstick / ours);
    rates.push(octets / (ours / 1000));
  }
  const { resident } = await memory(daemon.pid);
  await rm(image);
  const line = { gib, ratio: median(ratios), least: Math.min(...ratios), most: Math.max(...ratios) };
  console.log(
    `\ncold image of ${gib} GiB, page cache warm: ${short(line.ratio)} × the rate of openssl dgst ` +
      `(${short(line.least)}–${short(line.most)}), ${short(median(rates))} MB/s; ` +
      `daemon resident ${short(resident)} MiB`,
  );
  return { ...line, megabytesPerSecond: median(rates), resident };
}
