import { readFile, realpath, statfs } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';

/**
 * What a figure was measured on; without it a figure is worth nothing.
 *
 * @typedef {object} Machine
 * @property {string} processor
 * @property {number} cores
 * @property {number} memory in GiB
 * @property {string} kernel
 * @property {string} system the distribution
 * @property {string} node
 * @property {string} openssl the one in Node
 * @property {string} disk file system and device that stores of the run are on
 */

/** @returns {Promise<Machine>} */
export async function describeMachine() {
  return {
    processor: os.cpus()[0]?.model.trim() ?? 'unknown',
    cores: os.availableParallelism(),
    memory: Math.round(os.totalmem() / 2 ** 30),
    kernel: `${os.type()} ${os.release()}`,
    system: await distribution(),
    node: process.version,
    openssl: process.versions.openssl ?? 'none',
    disk: await diskOf(os.tmpdir()),
  };
}

async function distribution() {
  const release = await readFile('/etc/os-release', 'utf8').catch(() => '');
  return /^PRETTY_NAME="?([^"\n]*)"?$/m.exec(release)?.[1] ?? process.platform;
}

/** @param {string} folder */
async function diskOf(folder) {
  const place = await realpath(folder);
  const mounts = (await readFile('/proc/self/mounts', 'utf8').catch(() => ''))
    .trimEnd()
    .split('\n')
    .map((line) => line.split(' '))
    .filter(([, point = '']) => !path.relative(point, place).startsWith('..'));
  const [device = 'unknown', , type = 'unknown'] =
    mounts.toSorted(([, a = ''], [, b = '']) => b.length - a.length)[0] ?? [];
  const { bsize, blocks } = await statfs(place);
  const size = `${Math.round((bsize * blocks) / 2 ** 30)} GiB`;
  const name = path.basename(await realpath(device).catch(() => device));
  const turns = await readFile(`/sys/class/block/${name}/queue/rotational`, 'utf8').catch(() => undefined);
  const kind = turns === undefined ? '' : turns.trim() === '0' ? ', solid-state' : ', said to be rotating';
  return `${type} on ${name}, ${size}${kind}`;
}

/** @param {Machine} machine */
export function machineInWords(machine) {
  const { processor, cores, memory, kernel, system, node, openssl, disk } = machine;
  return (
    `${processor}, ${cores} ${cores === 1 ? 'core' : 'cores'}, ${memory} GiB of memory; ${disk}; ` +
    `${system}, ${kernel}; Node ${node} with OpenSSL ${openssl}`
  );
}
