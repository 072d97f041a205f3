/**
 * P16: requests about a known image, one after another on one connection, beside node:http that answers the same from
 * memory on the same kind of socket. The client is node:http with an agent that keeps its connection, in this process;
 * what it costs is in both figures. The decision log is on, as shipped.
 */
import { Agent, request } from 'node:http';
import { startDaemon } from '../interop/daemon-process.mjs';
import { startBare, untilKnown } from './admit-host.mjs';
import { median, percentile } from './figures.mjs';
import { measuredOf } from './measured.mjs';
import { processorTime } from './process-figures.mjs';

/** @typedef {{ socket: string, pid: number, body: string }} Target */
/** @typedef {{ p50: number, p99: number, processor: number }} Latency in microseconds */

/**
 * Requests before what counts. V8 compiles what is called often, and the median of a thousand requests goes on falling
 * until some eight thousand were answered, at the daemon to a quarter: what is measured before that is the compiler.
 */
const WARM_UP = 10_000;

/**
 * Both servers are started anew for each round, and are warm before what counts.
 *
 * @param {import('./admit-host.mjs').BenchHost} host
 * @param {{ rounds: number, requests: number }} sizes
 * @returns {Promise<import('./goals.mjs').Measured[]>}
 */
export async function measureLatency(host, { rounds, requests }) {
  const body = JSON.stringify({ images: [{ path: host.image }] });
  /** @type {Record<'bare' | 'daemon', Latency[]>} */
  const runs = { bare: [], daemon: [] };
  for (let round = 0; round < rounds; round += 1) {
    const daemon = await startDaemon({ config: host.config, env: host.env });
    const bare = await startBare(host.folder, await untilKnown(daemon.socket, host.image));
    try {
      const targets = {
        bare: { socket: bare.socket, pid: bare.pid, body },
        daemon: { socket: daemon.socket, pid: daemon.pid, body },
      };
      /** @type {readonly ('bare' | 'daemon')[]} */
      const order = round % 2 === 0 ? ['bare', 'daemon'] : ['daemon', 'bare'];
      for (const name of order) await sequence(targets[name], WARM_UP);
      for (const name of order) runs[name].push(await sequence(targets[name], requests));
    } finally {
      bare.kill();
      await daemon.kill();
    }
  }
  /** @param {'bare' | 'daemon'} name @param {keyof Latency} figure */
  const of = (name, figure) => runs[name].map((one) => one[figure]);
  return [
    measuredOf(
      'P16',
      { ours: of('daemon', 'p50'), yardstick: of('bare', 'p50') },
      {
        'p50 µs': median(of('daemon', 'p50')),
        'bare p50 µs': median(of('bare', 'p50')),
        'p99 µs': median(of('daemon', 'p99')),
        'bare p99 µs': median(of('bare', 'p99')),
        'CPU µs each': median(of('daemon', 'processor')),
        'bare CPU µs each': median(of('bare', 'processor')),
      },
    ),
  ];
}

/**
 * Requests one after another.
 *
 * @param {Target} target
 * @param {number} requests
 * @returns {Promise<Latency>}
 */
async function sequence({ socket, pid, body }, requests) {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  const times = [];
  const used = await processorTime(pid);
  for (let i = 0; i < requests; i += 1) {
    const start = performance.now();
    await post(socket, agent, body);
    times.push((performance.now() - start) * 1000);
  }
  agent.destroy();
  const processor = ((await processorTime(pid)) - used) / requests;
  return { p50: percentile(times, 0.5), p99: percentile(times, 0.99), processor };
}

/**
 * @param {string} socketPath
 * @param {Agent} agent
 * @param {string} body
 * @returns {Promise<void>}
 */
function post(socketPath, agent, body) {
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
