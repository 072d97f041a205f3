/**
 * Stands in for wrk where it is not installed; it needs more processor time per request than the servers
 * it measures, so its figures are lower. `node node-load.mjs URL PATHS CONNECTIONS SECONDS`.
 */
import { readFileSync } from 'node:fs';
import { Agent, get } from 'node:http';

const [, , url = '', file = '', connections = '1', seconds = '1'] = process.argv;
const paths = readFileSync(file, 'utf8').trimEnd().split('\n');
const agent = new Agent({ keepAlive: true, maxSockets: Number(connections) });
const start = performance.now();
const end = start + Number(seconds) * 1000;
/** @type {number[]} */
const latencies = [];
let failed = 0;

/** @returns {Promise<void>} */
function ask() {
  const begun = performance.now();
  return new Promise((resolve) => {
    const address = url + paths[Math.floor(Math.random() * paths.length)];
    get(address, { agent }, (answer) => {
      if (answer.statusCode !== 200) failed += 1;
      answer.resume().on('end', () => {
        latencies.push((performance.now() - begun) * 1000);
        resolve();
      });
    }).on('error', () => {
      failed += 1;
      resolve();
    });
  });
}

const worker = async () => {
  while (performance.now() < end) await ask();
};
await Promise.all(Array.from({ length: Number(connections) }, worker));
const microseconds = (performance.now() - start) * 1000;
latencies.sort((one, other) => one - other);
/** @param {number} share */
const percentile = (share) => Math.round(latencies[Math.floor(latencies.length * share)] ?? 0);
const result = {
  requests: latencies.length,
  microseconds,
  p50: percentile(0.5),
  p99: percentile(0.99),
  failed,
};
console.log(`RESULT ${JSON.stringify(result)}`);
agent.destroy();
