#!/usr/bin/env node
/**
 * `npm run faults [-- --points 4 --stores keystore,log --services daemon]`: what is written by the keystore, the keyring,
 * the daemon's state, the decision log and the backup, while the system is made to fail: the process is killed as it
 * enters a system call, one call fails with EIO, or the disk is full or read-only from one call on. After each fault
 * everything that was acknowledged is there and nothing is by halves; repeating the work without a fault completes it.
 * Then the services: their disks become read-only while they run, and take writes again. The system calls are
 * made to fail by strace (Debian package), so that the program is the one that is shipped. Exit 1: a promise is broken.
 */
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { ed25519Primary, writeCertificate } from '../bench/certificate-writer.mjs';
import { run } from '../interop/program.mjs';

const WRITER = fileURLToPath(new URL('./writer.mjs', import.meta.url));
const STORES = ['keystore', 'keyring', 'state', 'log', 'backup'];
const SERVICES = ['keystore', 'daemon'];

/** The calls that change what is on a disk. */
const CALLS = ['write', 'pwrite64', 'fdatasync', 'fsync', 'rename', 'unlink', 'ftruncate', 'mkdir'];

/** @typedef {{ name: string, how: (call: string, nth: number) => string }} Fault */

/** @type {readonly Fault[]} */
const FAULTS = [
  { name: 'killed', how: (call, nth) => `inject=${call}:signal=KILL:when=${nth}` },
  { name: 'EIO', how: (call, nth) => `inject=${call}:error=EIO:when=${nth}` },
  { name: 'disk full', how: (call, nth) => `inject=${call}:error=ENOSPC:when=${nth}+` },
  { name: 'read-only', how: (call, nth) => `inject=${call}:error=EROFS:when=${nth}+` },
];

/**
 * 0: nobody needed the call that failed; 3: it was told by a code; the others: killed, or ended by Node.js when its own
 * pipes failed.
 */
const EXPECTED = new Set([0, 3, 134, 137, null]);

/** Made once, so that a repetition writes the same. */
const CREATED = 1_704_067_200;
const KEYS = 4;

/**
 * @param {string} store
 * @param {string} folder
 * @param {readonly string[]} strace nothing: without a fault
 */
async function write(store, folder, strace) {
  const node = [process.execPath, WRITER, store, folder];
  // One thread for what is done in the background, so that its calls can be counted.
  const env = { ...process.env, UV_THREADPOOL_SIZE: '1' };
  const [command = '', ...args] = strace.length === 0 ? node : ['strace', '-f', '-qq', ...strace, ...node];
  const { code, stdout, stderr } = await run(command, args, { env });
  return { code, done: stdout.split('\n').filter(Boolean).map(Number), stderr };
}

/**
 * Which calls are about the store's files, by their number in the thread that makes most of them: strace counts calls
 * by thread.
 *
 * @param {string} store
 * @param {string} base
 */
async function findCalls(store, base) {
  const [folder, trace] = [path.join(base, store), path.join(base, 'trace')];
  await mkdir(folder);
  const { code, stderr } = await write(store, folder, ['-o', trace, '-y', '-e', `trace=${CALLS.join(',')}`]);
  if (code !== 0) throw new Error(`${store} without a fault: exit ${code}: ${stderr}`);
  /** @type {Map<string, { call: string, made: number, ours: number[] }>} by thread and call */
  const threads = new Map();
  for (const line of (await readFile(trace, 'utf8')).split('\n')) {
    const [key, call] = /^\d+ +(\w+)(?=\()/.exec(line) ?? [];
    if (key === undefined || call === undefined) continue;
    const calls = threads.get(key) ?? { call, made: 0, ours: [] };
    threads.set(key, calls);
    calls.made += 1;
    if (line.includes(folder)) calls.ours.push(calls.made);
  }
  await rm(folder, { recursive: true });
  /** @type {Map<string, readonly number[]>} */
  const found = new Map();
  for (const { call, ours } of threads.values()) {
    if (ours.length > (found.get(call)?.length ?? 0)) found.set(call, ours);
  }
  return found;
}

/**
 * @param {readonly number[]} all
 * @param {number} most
 */
function spread(all, most) {
  const step = Math.max(1, all.length / most);
  return all.filter((_, i) => Math.floor(i / step) !== Math.floor((i - 1) / step));
}

/**
 * One fault, what it left, and the work done again. Gives what is wrong, if anything is.
 *
 * @param {string} store
 * @param {string} folder
 * @param {string} inject
 */
async function meet(store, folder, inject) {
  await mkdir(folder);
  /** @type {import('./store.mjs').FaultStore} */
  const { verify, leftovers } = await import(`./stores/${store}.mjs`);
  const call = /inject=(\w+)/.exec(inject)?.[1] ?? '';
  const { code, done, stderr } = await write(store, folder, [
    '-o',
    '/dev/null',
    '-e',
    `trace=${call}`,
    '-e',
    inject,
  ]);
  if (!EXPECTED.has(code)) return `exit ${code}: ${stderr}`;
  await verify(folder, done);
  const again = await write(store, folder, []);
  if (again.code !== 0) return `repeating it: exit ${again.code}: ${again.stderr}`;
  await verify(folder, again.done);
  const left = (await leftovers?.(folder)) ?? [];
  return left.length === 0 ? undefined : `left behind: ${left.join(', ')}`;
}

/**
 * @param {string} store
 * @param {string} base
 * @param {number} points
 */
async function breakStore(store, base, points) {
  const calls = await findCalls(store, base);
  let [met, broken] = [0, 0];
  for (const [call, all] of calls) {
    for (const nth of spread(all, points)) {
      for (const { name, how } of FAULTS) {
        const folder = path.join(base, `${store}-${met}`);
        const wrong = await meet(store, folder, how(call, nth)).catch((error) => String(error));
        met += 1;
        if (wrong === undefined) await rm(folder, { recursive: true });
        else {
          broken += 1;
          console.error(
            `FAIL  ${store}, ${name} at ${call} ${nth} (of ${all.at(-1)}), in ${folder}: ${wrong}`,
          );
        }
      }
    }
  }
  console.log(
    `${broken === 0 ? 'ok   ' : 'FAIL '} ${store}: ${met} faults at ${[...calls.keys()].join(', ')}`,
  );
  return broken;
}

/**
 * @param {string} service
 * @param {string} base
 */
async function breakService(service, base) {
  /** @type {{ readOnlyWhileItRuns: (folder: string) => Promise<void> }} */
  const { readOnlyWhileItRuns } = await import(`./services/${service}.mjs`);
  try {
    await readOnlyWhileItRuns(path.join(base, `running-${service}`));
    console.log(`ok    ${service}: its disk becomes read-only while it runs`);
    return 0;
  } catch (error) {
    console.error(`FAIL  ${service}, whose disk becomes read-only while it runs: ${String(error)}`);
    return 1;
  }
}

/** Whether processes can be traced here; containers may forbid it. */
async function canTrace() {
  return run('strace', ['-qq', '-o', '/dev/null', 'true']).then(
    ({ code }) => code === 0,
    () => false,
  );
}

async function main() {
  const { values } = parseArgs({
    options: {
      points: { type: 'string', default: '4' },
      stores: { type: 'string', default: STORES.join(',') },
      services: { type: 'string', default: SERVICES.join(',') },
    },
  });
  const points = Number(values.points);
  const stores = values.stores.split(',').filter(Boolean);
  const services = values.services.split(',').filter(Boolean);
  const known =
    stores.every((store) => STORES.includes(store)) && services.every((one) => SERVICES.includes(one));
  if (!Number.isSafeInteger(points) || points < 1 || !known) {
    console.error(
      `usage: npm run faults -- [--points N] [--stores ${STORES.join(',')}] [--services ${SERVICES.join(',')}]`,
    );
    return 64;
  }
  if (!(await canTrace())) {
    console.error('SKIPPED: strace is missing, or processes may not be traced here');
    return process.env['CI'] === undefined ? 0 : 1;
  }
  const base = await mkdtemp(path.join(os.tmpdir(), 'vouch-faults-'));
  for (let key = 0; key < KEYS; key += 1) {
    const octets = writeCertificate(ed25519Primary(CREATED), CREATED, {
      userIds: [`Key ${key} <key${key}@example.org>`],
    });
    await writeFile(path.join(base, `key-${key}`), octets);
  }
  let broken = 0;
  for (const store of stores) broken += await breakStore(store, base, points);
  for (const service of services) broken += await breakService(service, base);
  if (broken === 0) await rm(base, { recursive: true });
  return broken === 0 ? 0 : 1;
}

process.exitCode = await main();
