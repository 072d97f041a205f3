/** Requests one after another over Unix sockets, and what they cost. */
import { Agent, request } from 'node:http';
import { median, percentile, short, spread, table } from './figures.mjs';
import { processorTime } from './process-figures.mjs';

/** @typedef {{ socket: string, pid: number, body: string }} Target */
/** @typedef {{ p50: number, p99: number, perSecond: number, processor: number }} Latency in microseconds */

/**
 * @param {Record<string, Target>} targets
 * @param {{ rounds: number, requests: number }} sizes
 * @param {boolean} keepAlive
 */
export async function latencies(targets, { rounds, requests }, keepAlive) {
  /** @type {Record<string, Latency[]>} */
  const runs = Object.fromEntries(Object.keys(targets).map((name) => [name, []]));
  for (let round = 0; round <= rounds; round += 1) {
    for (const [name, target] of Object.entries(targets)) {
      const one = await sequence(target, requests, keepAlive);
      if (round > 0) runs[name]?.push(one);
    }
  }
  const base = runs['node:http alone'] ?? [];
  const lines = Object.entries(runs).map(([name, list]) => ({
    name,
    ratio: median(list.map(({ p50 }, i) => p50 / (base[i]?.p50 ?? Number.NaN))),
    p50: median(list.map(({ p50 }) => p50)),
    p99: median(list.map(({ p99 }) => p99)),
    perSecond: median(list.map(({ perSecond }) => perSecond)),
    processor: median(list.map(({ processor }) => processor)),
    spread: spread(list.map(({ p50 }) => p50)),
  }));
  const title = keepAlive ? 'one connection' : 'a connection each';
  const head = [title, '× p50', 'p50 µs', 'p99 µs', 'per second', 'CPU µs each', 'spread %'];
  const rows = lines.map((line) => [
    line.name,
    short(line.ratio),
    short(line.p50),
    short(line.p99),
    short(line.perSecond),
    short(line.processor),
    short(line.spread * 100),
  ]);
  console.log(`\n${table([head, ...rows])}`);
  return lines;
}

/**
 * Requests one after another.
 *
 * @param {Target} target
 * @param {number} requests
 * @param {boolean} keepAlive
 * @returns {Promise<Latency>}
 */
async function sequence({ socket, pid, body }, requests, keepAlive) {
  const agent = new Agent({ keepAlive, maxSockets: 1 });
  const times = [];
  const used = await processorTime(pid);
  const began = performance.now();
  for (let i = 0; i < requests; i += 1) {
    const start = performance.now();
    await post(socket, agent, body);
    times.push((performance.now() - start) * 1000);
  }
  const seconds = (performance.now() - began) / 1000;
  agent.destroy();
  return {
    p50: percentile(times, 0.5),
    p99: percentile(times, 0.99),
    perSecond: requests / seconds,
    processor: ((await processorTime(pid)) - used) / requests,
  };
}

/**
 * @param {string} socketPath
 * @param {Agent} agent
 * @param {string} body
 * @returns {Promise<void>}
 */
export function post(socketPath, agent, body) {
  return new Promise((resolve, reject) => {
    const headers = { 'Content-Type': 'application/json', 'Content-Length': Buffer.byteLength(body) };
    const sent = request({ socketPath, agent, method: 'POST', path: '/v1/admit', headers }, (answer) => {
      answer.resume().on('end', () => {
        if (answer.statusCode === 200) resolve();
        else reject(new Error(`status ${answer.statusCode}`));
      });
    });
    sent.on('error', reject);
    sent.end(body);
  });
}
