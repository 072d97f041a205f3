/* Servers under load, one after the other, each started anew in each round and first in every other one. */
import { spawn } from 'node:child_process';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { startServer } from '../interop/server-process.mjs';
import { median, spread } from './figures.mjs';
import { memory, processorTime } from './process-figures.mjs';

const BARE = fileURLToPath(new URL('bare-server.mjs', import.meta.url));

/**
 * @typedef {{ name: string, paths: 'fingerprint' | 'email', connections: number, close?: boolean }} Point
 *   What is asked, with how many connections; `close`: a new one for each request.
 * @typedef {{ url: string, pid: number, stop: () => Promise<unknown> }} Subject
 * @typedef {{ perSecond: number, p50: number, p99: number, processor: number }} Figures
 *   Latencies in milliseconds, processor time in microseconds per request.
 * @typedef {{ points: Record<string, Figures>, memory: { resident: number, anonymous: number } }} Sample
 * @typedef {Record<string, Sample>} Round By the name of the server.
 * @typedef {{ rounds: number, seconds: number, warmUp: number, generate: import('./load-generator.mjs').LoadGenerator }} Load
 */

/** All run as in production; extra certificates would only slow their start. */
function environment() {
  const { NODE_EXTRA_CA_CERTS: _, ...env } = process.env;
  return { ...env, NODE_ENV: 'production' };
}

/**
 * @param {{ data: string }} store
 * @param {readonly string[]} prefix
 * @returns {Promise<Subject>}
 */
export function startVouch({ data }, prefix) {
  return startServer({
    data,
    env: environment(),
    prefix,
    logFile: path.join(path.dirname(data), 'log'),
  });
}

/**
 * @param {{ answers: string }} store
 * @param {readonly string[]} prefix
 * @returns {Promise<Subject>}
 */
export async function startBare({ answers }, prefix) {
  const [program, ...args] = [...prefix, process.execPath, BARE, answers];
  const child = spawn(program, args, { env: environment(), stdio: ['ignore', 'pipe', 'inherit'] });
  const ended = new Promise((resolve) => {
    child.on('exit', resolve);
  });
  const url = await new Promise((resolve, reject) => {
    child.stdout.once('data', (/** @type {Buffer} */ chunk) => resolve(chunk.toString().trim()));
    void ended.then(() => reject(new Error('the bare server ended')));
  });
  return {
    url,
    pid: child.pid ?? 0,
    stop: () => {
      child.kill();
      return ended;
    },
  };
}

/**
 * @param {Subject} subject
 * @param {Record<Point['paths'], string>} paths
 * @param {readonly Point[]} points
 * @param {Load} load
 * @returns {Promise<Sample>}
 */
async function sample(subject, paths, points, { seconds, warmUp, generate }) {
  /** @type {Record<string, Figures>} */
  const figures = {};
  try {
    // The compiler settles, and what is kept in memory is there.
    for (const asked of new Set(points.map((point) => paths[point.paths]))) {
      await generate({ url: subject.url, paths: asked, connections: 16, seconds: warmUp });
    }
    for (const { name, paths: asked, connections, close } of points) {
      const before = await processorTime(subject.pid);
      const result = await generate({ url: subject.url, paths: paths[asked], connections, seconds, close });
      const used = (await processorTime(subject.pid)) - before;
      figures[name] = {
        perSecond: result.requests / (result.microseconds / 1e6),
        p50: result.p50 / 1000,
        p99: result.p99 / 1000,
        processor: used / result.requests,
      };
    }
    return { points: figures, memory: await memory(subject.pid) };
  } finally {
    await subject.stop();
  }
}

/**
 * @param {Record<string, { start: () => Promise<Subject>, paths: Record<Point['paths'], string> }>} subjects
 * @param {readonly Point[]} points
 * @param {Load} load
 * @returns {Promise<Round[]>}
 */
export async function measureLookups(subjects, points, load) {
  const results = [];
  for (let round = 0; round < load.rounds; round += 1) {
    /** @type {Round} */
    const all = {};
    const order = Object.entries(subjects);
    for (const [name, { start, paths }] of round % 2 === 0 ? order : order.toReversed()) {
      all[name] = await sample(await start(), paths, points, load);
    }
    results.push(all);
    console.error(`  round ${round + 1} of ${load.rounds}: ${Object.keys(subjects).join(', ')}`);
  }
  return results;
}

/**
 * One figure of two servers, as `GOALS` want it.
 *
 * @param {string} goal
 * @param {readonly Round[]} rounds
 * @param {readonly [string, string]} names ours and that of the yardstick
 * @param {{ unit: string, of: (sample: Sample) => number | undefined }} figure
 * @returns {import('./goals.mjs').Measured}
 */
export function compared(goal, rounds, [ours, theirs], { unit, of }) {
  /** @param {string} name */
  const figures = (name) =>
    rounds.map((round) => {
      const sampled = round[name];
      return (sampled && of(sampled)) ?? Number.NaN;
    });
  const [own, yardstick] = [figures(ours), figures(theirs)];
  const ratios = own.map((value, index) => value / (yardstick[index] ?? Number.NaN));
  return {
    goal,
    ratio: median(ratios),
    least: Math.min(...ratios),
    most: Math.max(...ratios),
    spread: spread(yardstick),
    figures: { [`${ours} ${unit}`]: median(own), [`${theirs} ${unit}`]: median(yardstick) },
  };
}
