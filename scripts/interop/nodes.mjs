/* Several nodes on one database, behind nginx: what they promise together, while things go wrong. */
import { createServer } from 'node:net';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { describe } from '../crash/pool.mjs';
import { get, push } from '../crash/keystore-client.mjs';
import { startPostgres } from '../postgres/postgres-server.mjs';
import { keyInParts } from './key-parts.mjs';
import { startNginx } from './nginx-process.mjs';
import { must } from './program.mjs';
import { expect } from './report.mjs';
import { startServer } from './server-process.mjs';

const MAIN = fileURLToPath(new URL('../../dist/cli/main.js', import.meta.url));

const NODES = 3;
const KEYS = 24;
const AT_ONCE = 6;

/** What makes dirmngr give a host up. */
const DEADLY = new Set([502, 503, 504]);

/**
 * @param {{ report: import('./report.mjs').Report, folder: string, postgres: string, nginx: string }} stage
 */
export async function nodes({ report, folder, postgres, nginx }) {
  const database = await startPostgres(postgres);
  const keys = await Promise.all(Array.from({ length: KEYS }, (_, index) => keyInParts(index)));
  const ports = await freePorts(NODES + 1);
  const cluster = new Cluster(folder, database.url, ports.slice(0, NODES));
  const front = { program: nginx, folder, port: ports[NODES] ?? 0, nodes: ports.slice(0, NODES) };
  /** @type {Awaited<ReturnType<typeof startNginx>> | undefined} */
  let proxy;
  try {
    await cluster.start();
    proxy = await startNginx(front);
    const { url } = proxy;
    await report.check('nodes', 'unite the parts of a key that each got one of', () => united(cluster, keys));
    await report.check('nodes', 'give out at once what another of them was given', () =>
      readYourWrites(cluster, url),
    );
    await report.check('nodes', 'restart one after the other without a failed request', () =>
      rollingRestart(cluster, url),
    );
    await report.check('nodes', 'lose nothing that was acknowledged when one is killed under load', () =>
      killed(cluster, url),
    );
    await report.check('nodes', 'say that the database is away, and are back when it is', () =>
      databaseAway(cluster, url, database, keys),
    );
    await report.check('nodes', 'leave a store in which nothing is wrong', async () => {
      const words = ['keystore', 'check', '--store', database.url];
      return (await must(process.execPath, [MAIN, ...words])).stdout;
    });
  } finally {
    await proxy?.stop();
    await cluster.kill();
    await database.remove();
  }
}

/** @typedef {Awaited<ReturnType<typeof keyInParts>>} KeyInParts */

class Cluster {
  /**
   * @param {string} folder
   * @param {string} store
   * @param {readonly number[]} ports
   */
  constructor(folder, store, ports) {
    this.folder = folder;
    this.store = store;
    this.ports = ports;
    /** @type {import('./server-process.mjs').ServerProcess[]} */
    this.servers = [];
  }

  get urls() {
    return this.ports.map((port) => `http://127.0.0.1:${port}`);
  }

  /** All at once, on a database in which there is nothing yet. */
  async start() {
    this.servers = await Promise.all(this.ports.map((_, index) => this.launch(index)));
  }

  /** @param {number} index */
  async launch(index) {
    const data = path.join(this.folder, `node-${index}`);
    return startServer({ data, store: this.store, listen: `127.0.0.1:${this.ports[index]}` });
  }

  /** @param {number} index */
  async restart(index) {
    const code = await this.servers[index]?.stop();
    expect(code === 0, `node ${index} ended with ${code}: ${this.servers[index]?.log()}`);
    this.servers[index] = await this.launch(index);
  }

  async kill() {
    await Promise.all(this.servers.map((server) => server.kill()));
  }
}

/**
 * @param {Cluster} cluster
 * @param {readonly KeyInParts[]} keys
 */
async function united(cluster, keys) {
  for (const { fingerprint, parts, whole } of keys) {
    await Promise.all(parts.map((part, index) => push(cluster.urls[index % NODES] ?? '', [part])));
    const served = await Promise.all(cluster.urls.map((url) => get(url, fingerprint)));
    expect(new Set(served).size === 1, `nodes give out different things of ${fingerprint}`);
    const holds = await describe(served[0] ?? '');
    expect(holds === whole, `${fingerprint}: ${holds}, expected ${whole}`);
  }
  return `${keys.length} keys in ${keys[0]?.parts.length} parts each`;
}

/**
 * @param {Cluster} cluster
 * @param {string} url
 */
async function readYourWrites(cluster, url) {
  let reads = 0;
  for (let index = 0; index < 10; index += 1) {
    const { fingerprint, parts } = await keyInParts(1000 + index);
    for (const part of parts) {
      await push(url, [part]);
      const served = await Promise.all([url, ...cluster.urls].map((node) => get(node, fingerprint)));
      reads += served.length;
      expect(
        served.every((one) => one !== undefined && one === served[0]),
        `not everywhere: ${fingerprint}`,
      );
    }
  }
  return `${reads} reads`;
}

/**
 * @param {Cluster} cluster
 * @param {string} url
 */
async function rollingRestart(cluster, url) {
  const load = new Load(url, 2000);
  for (let index = 0; index < NODES; index += 1) {
    await cluster.restart(index);
    await delay(500);
  }
  await load.end();
  expect(load.failures.length === 0, `${load.failures.length} of ${load.requests}: ${load.failures[0]}`);
  await load.assertNothingLost(cluster.urls);
  return `${load.requests} requests, ${load.acknowledged.size} keys`;
}

/**
 * @param {Cluster} cluster
 * @param {string} url
 */
async function killed(cluster, url) {
  const load = new Load(url, 3000);
  for (let index = 0; index < NODES; index += 1) {
    await delay(700);
    await cluster.servers[index]?.kill();
    await delay(300);
    cluster.servers[index] = await cluster.launch(index);
  }
  await load.end();
  for (const failure of load.failures) expect(!/\b50[234]\b/.test(failure), failure);
  await load.assertNothingLost(cluster.urls);
  return `${load.requests} requests, ${load.failures.length} failed, ${load.acknowledged.size} keys acknowledged`;
}

/**
 * @param {Cluster} cluster
 * @param {string} url
 * @param {import('../postgres/postgres-server.mjs').PostgresServer} database
 * @param {readonly KeyInParts[]} keys
 */
async function databaseAway(cluster, url, database, keys) {
  const [key] = keys;
  const lookup = `/pks/lookup?op=get&options=mr&search=0x${key?.fingerprint}`;
  await database.stop('immediate');
  for (const node of [url, ...cluster.urls]) {
    for (const request of [fetch(node + lookup), fetch(`${node}/pks/add`, formOf(key?.parts[0] ?? ''))]) {
      const answer = await request;
      const text = await answer.text();
      expect(!DEADLY.has(answer.status), `${node}: ${answer.status}`);
      expect(answer.status === 500 && text.includes('does not answer'), `${answer.status} ${text}`);
    }
  }
  const ready = await fetch(`${cluster.urls[0]}/readyz`);
  const reason = await ready.text();
  expect(ready.status === 503 && reason.startsWith('UNAVAILABLE'), `${ready.status} ${reason}`);
  await database.start();
  const began = Date.now();
  for (const node of cluster.urls) {
    while (!(await fetch(`${node}/readyz`)).ok) await delay(50);
    expect((await fetch(node + lookup)).status === 200, `${node} does not recover`);
    await push(node, [key?.parts[1] ?? '']);
  }
  return `${reason.trim()}; all back ${Date.now() - began} ms after it`;
}

/** Pushes keys in parts and looks them up, several at a time, until its end. */
class Load {
  /**
   * @param {string} url
   * @param {number} from index of its first key
   */
  constructor(url, from) {
    this.url = url;
    this.next = from;
    this.requests = 0;
    /** @type {string[]} */
    this.failures = [];
    /** @type {Map<string, string>} what is to be held of a key whose last part was acknowledged */
    this.acknowledged = new Map();
    this.going = true;
    this.workers = Array.from({ length: AT_ONCE }, () => this.work());
  }

  async work() {
    while (this.going) {
      const { fingerprint, parts, whole } = await keyInParts((this.next += 1));
      let complete = true;
      for (const part of parts) {
        complete = (await this.done(push(this.url, [part]))) && complete;
        await this.done(get(this.url, fingerprint));
      }
      if (complete) this.acknowledged.set(fingerprint, whole);
    }
  }

  /** @param {Promise<unknown>} request */
  async done(request) {
    this.requests += 1;
    return request.then(
      () => true,
      (/** @type {unknown} */ error) => {
        this.failures.push(error instanceof Error ? `${error.message} ${causeOf(error)}` : String(error));
        return false;
      },
    );
  }

  async end() {
    this.going = false;
    await Promise.all(this.workers);
  }

  /** @param {readonly string[]} urls */
  async assertNothingLost(urls) {
    for (const [fingerprint, whole] of this.acknowledged) {
      for (const url of urls) {
        const served = await get(url, fingerprint);
        expect(served !== undefined, `${url} does not have ${fingerprint}`);
        const holds = await describe(served);
        expect(holds === whole, `${fingerprint}: ${holds}, expected ${whole}`);
      }
    }
  }
}

/** @param {Error} error */
function causeOf({ cause }) {
  return cause instanceof Error ? cause.message : '';
}

/** @param {string} keytext */
function formOf(keytext) {
  return { method: 'POST', body: new URLSearchParams({ keytext }) };
}

/** @param {number} count */
async function freePorts(count) {
  const servers = Array.from({ length: count }, () => createServer().listen(0, '127.0.0.1'));
  const ports = [];
  for (const server of servers) {
    if (!server.listening) await new Promise((resolve) => server.once('listening', resolve));
    const address = server.address();
    ports.push(typeof address === 'object' && address !== null ? address.port : 0);
  }
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
  return ports;
}
