/**
 * `npm run bench -- loads [--rounds 5] [--size 6000]`: one keyring loaded by Vouch, verified and trusted, beside what
 * else reads keyrings, interleaved; each in a process of its own and into an empty store.
 */
import { mkdir, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { clientEnvironment, findProgram, must } from '../interop/program.mjs';
import { writeCorpus } from './corpus.mjs';
import { median, short, table } from './figures.mjs';
import { measuredOf } from './measured.mjs';
import { goalTable } from './pushes.mjs';
import { buildSks, findSks } from './sks-server.mjs';

const MAIN = fileURLToPath(new URL('../../dist/cli/main.js', import.meta.url));

/** gpg rewrites its keybox for every key: it gets the first part of the ring, of so many octets. */
const GPG_OCTETS = 300_000;

/**
 * What a program does with a keyring, in a folder of its own.
 *
 * @typedef {(ring: string, home: string) => Promise<unknown>} Load
 */

/** @param {readonly string[]} options @returns {Load} */
const vouch =
  (...options) =>
  (ring, home) =>
    must(process.execPath, [MAIN, 'keystore', 'load', ring, '--data', home, '--json', ...options], {
      limit: 1_800_000,
      env: clientEnvironment({ NODE_EXTRA_CA_CERTS: undefined }),
    });

/**
 * Those of the programs that are installed.
 *
 * @returns {Promise<ReadonlyMap<string, Load>>}
 */
async function loaders() {
  /** @type {Map<string, Load>} */
  const found = new Map([
    ['vouch', vouch()],
    ['vouch --trusted', vouch('--trusted')],
  ]);
  const env = clientEnvironment();
  if (await findProgram('sq')) {
    found.set('sq keyring list', (ring) => must('sq', ['keyring', 'list', ring], { env }));
  }
  const sks = await findSks();
  if (sks !== undefined) found.set('sks build', (ring, home) => buildSks(sks, home, ring));
  if (await findProgram('onak')) found.set('onak add', loadByOnak);
  if (await findProgram('gpg')) {
    found.set('gpg --import', (ring, home) =>
      // It fails for a certificate that the ring's first part cuts off.
      must(
        'sh',
        [
          '-c',
          'chmod 700 "$1" && gpg --homedir "$1" --batch --quiet --import "$2" || true',
          'sh',
          home,
          ring,
        ],
        {
          env,
          limit: 600_000,
        },
      ),
    );
  }
  return found;
}

/** Where Debian has the kinds of stores that it can use, as its own settings say. */
async function onakBackends() {
  const settings = await readFile('/etc/onak.ini', 'utf8');
  return /^backends_dir=(.*)$/m.exec(settings)?.[1] ?? '';
}

/**
 * @param {string} ring
 * @param {string} home
 */
async function loadByOnak(ring, home) {
  const config = path.join(home, 'onak.ini');
  const lines = [
    '[main]',
    'backend=ring',
    'use_keyd=false',
    'loglevel=6',
    `logfile=${home}/log`,
    `backends_dir=${await onakBackends()}`,
    '[verification]',
    'check_sighash=true',
    'verify_signatures=true',
    '[backend:ring]',
    'type=db4',
    `location=${home}`,
  ];
  await writeFile(config, `${lines.join('\n')}\n`);
  await must('sh', ['-c', 'onak -b -c "$1" add < "$2"', 'sh', config, ring], { limit: 600_000 });
}

/**
 * The octets of the first certificates of a ring, as a ring.
 *
 * @param {string} ring
 * @param {string} part
 */
async function firstPart(ring, part) {
  await must('sh', ['-c', `head -c ${GPG_OCTETS} "$1" > "$2"`, 'sh', ring, part]);
}

/**
 * @param {{ rounds: number, size: number }} effort
 * @returns {Promise<ReadonlyMap<string, number[]>>} keys a second of each round, by program
 */
async function measureRounds({ rounds, size }) {
  const folder = await mkdtemp(path.join(os.tmpdir(), 'vouch-bench-loads-'));
  try {
    const [ring, part] = [path.join(folder, 'ring.pgp'), path.join(folder, 'part.pgp')];
    await writeCorpus(ring, size);
    await firstPart(ring, part);
    const share = Math.min(1, GPG_OCTETS / (await stat(ring)).size);
    const all = [...(await loaders())];
    /** @type {Map<string, number[]>} */
    const perSecond = new Map(all.map(([name]) => [name, []]));
    for (let round = 0; round < rounds; round += 1) {
      for (const [name, load] of round % 2 === 0 ? all : all.toReversed()) {
        const home = path.join(folder, 'home');
        await mkdir(home, { mode: 0o700 });
        const isGpg = name.startsWith('gpg');
        const begun = performance.now();
        await load(isGpg ? part : ring, home);
        const seconds = (performance.now() - begun) / 1000;
        perSecond.get(name)?.push((isGpg ? size * share : size) / seconds);
        await rm(home, { recursive: true, force: true });
      }
    }
    return perSecond;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** @param {ReadonlyMap<string, number[]>} perSecond */
function measured(perSecond) {
  /** @param {string} goal @param {string} name @param {string} peer */
  const beside = (goal, name, peer) => {
    const [ours, yardstick] = [perSecond.get(name) ?? [], perSecond.get(peer)];
    if (yardstick === undefined) return [];
    const figures = { 'keys/s': median(ours), [`${peer} keys/s`]: median(yardstick) };
    return [measuredOf(goal, { ours, yardstick }, figures)];
  };
  return [...beside('P9', 'vouch', 'sq keyring list'), ...beside('P10', 'vouch --trusted', 'sks build')];
}

/**
 * @param {{ rounds: number, size: number }} effort
 * @returns {Promise<readonly import('./goals.mjs').Measured[]>}
 */
export async function measureLoads(effort) {
  return measured(await measureRounds(effort));
}

/** @param {readonly string[]} args */
export async function benchLoads(args) {
  const { values } = parseArgs({
    args: [...args],
    options: { rounds: { type: 'string', default: '5' }, size: { type: 'string', default: '6000' } },
  });
  const perSecond = await measureRounds({ rounds: Number(values.rounds), size: Number(values.size) });
  const rows = [...perSecond].map(([name, rounds]) => [
    name,
    short(median(rounds)),
    `${short(Math.min(...rounds))}–${short(Math.max(...rounds))}`,
  ]);
  console.log(table([['keys a second', 'median', 'range'], ...rows]));
  console.log(`\n${goalTable(measured(perSecond))}`);
}
