/* Stores of a great many small certificates, loaded by `vouch keystore load`, with what that took. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { must } from '../interop/program.mjs';
import { peakMemory, processorTime } from './process-figures.mjs';
import { emailOf, writeSmallCorpus } from './small-corpus.mjs';

const MAIN = fileURLToPath(new URL('../../dist/cli/main.js', import.meta.url));

/** How often a load is looked at, in milliseconds, and how many points of its course are kept. */
const LOOK_EVERY = 500;
const POINTS = 40;

/**
 * @typedef {{ seconds: number, processorSeconds: number, certificates: number, peak: number, own: number }} CoursePoint
 *   How far a load was. Memory in MiB: `peak` is the largest resident set so far, with the files that are mapped, `own`
 *   what is the process's own.
 * @typedef {{
 *   certificates: number, dumpOctets: number, storeOctets: number,
 *   seconds: number, processorSeconds: number, peak: number, own: number, course: readonly CoursePoint[],
 * }} LoadFigures
 * @typedef {{
 *   size: number, data: string, env: Readonly<Record<string, string>>, load: LoadFigures,
 *   paths: { fingerprint: string, email: string },
 * }} SmallStore `paths` are files with one address a line; `env` names the database for every command.
 */

/**
 * Loads the store, or finds it as another run left it: then the figures of the load are those of that run.
 *
 * @param {string} folder
 * @param {number} size
 * @param {string} [database] its address; otherwise the store is embedded
 * @returns {Promise<SmallStore>}
 */
export async function prepareSmallStore(folder, size, database) {
  const home = path.join(folder, `${database === undefined ? 'small' : 'postgres'}-${size}`);
  /** @type {Record<string, string>} */
  const env = database === undefined ? {} : { VOUCH_STORE: database };
  const data = path.join(home, 'data');
  const paths = { fingerprint: path.join(home, 'by-fingerprint'), email: path.join(home, 'by-email') };
  const figures = path.join(home, 'load.json');
  // A database is made anew for each run.
  const known = database === undefined ? await readFile(figures, 'utf8').catch(() => undefined) : undefined;
  if (known !== undefined) return { size, data, env, paths, load: JSON.parse(known) };
  const dump = await smallDump(folder, size);
  await rm(data, { recursive: true, force: true });
  await mkdir(data, { recursive: true });
  const loaded = await loadDump(dump.file, data, env);
  const fingerprints = await readFile(dump.fingerprints, 'utf8');
  const gets = fingerprints.replace(/^.+$/gm, '/pks/lookup?op=get&options=mr&search=0x$&');
  await writeFile(paths.fingerprint, gets);
  const searches = Array.from(
    { length: size },
    (_, index) => `/pks/lookup?op=index&options=mr&search=${encodeURIComponent(emailOf(index))}\n`,
  );
  await writeFile(paths.email, searches.join(''));
  const load = {
    certificates: size,
    dumpOctets: (await stat(dump.file)).size,
    storeOctets: await storeOctets(data, env),
    ...loaded,
  };
  await writeFile(figures, JSON.stringify(load));
  return { size, data, env, paths, load };
}

/**
 * The keyring that such a store is loaded from, and its fingerprints by index, one a line.
 *
 * @param {string} folder
 * @param {number} size
 */
export async function smallDump(folder, size) {
  const file = path.join(folder, `small-${size}.pgp`);
  const fingerprints = `${file}.fingerprints`;
  if ((await stat(fingerprints).catch(() => undefined)) !== undefined) return { file, fingerprints };
  await mkdir(folder, { recursive: true });
  const written = await writeSmallCorpus(file, size);
  await writeFile(`${fingerprints}.new`, `${written.join('\n')}\n`);
  await rename(`${fingerprints}.new`, fingerprints);
  return { file, fingerprints };
}

/**
 * @param {string} data
 * @param {Readonly<Record<string, string>>} env
 */
async function storeOctets(data, env) {
  const words = [MAIN, 'keystore', 'status', '--data', data, '--json'];
  const { stdout } = await must(process.execPath, words, { env: { ...process.env, ...env } });
  return Number(JSON.parse(stdout).octets);
}

/**
 * @param {string} dump
 * @param {string} data
 * @param {Readonly<Record<string, string>>} env
 */
async function loadDump(dump, data, env) {
  const began = performance.now();
  const child = spawn(process.execPath, [MAIN, 'keystore', 'load', dump, '--data', data, '--json'], {
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const ended = once(child, 'close');
  let report = '';
  child.stdout.on('data', (/** @type {Buffer} */ chunk) => {
    report += chunk.toString();
  });
  /** @type {CoursePoint[]} */
  const looks = [];
  const look = setInterval(() => {
    void lookAt(child.pid ?? 0, data).then(
      (seen) => looks.push({ seconds: (performance.now() - began) / 1000, ...seen }),
      () => {}, // Not begun yet, or ended already.
    );
  }, LOOK_EVERY);
  const [code] = await ended;
  clearInterval(look);
  const seconds = (performance.now() - began) / 1000;
  if (code !== 0) throw new Error(`the load ended with exit code ${String(code)}: ${report}`);
  if (!report.includes('"refused":[]')) throw new Error(`certificates were refused: ${report.slice(0, 500)}`);
  const last = looks.at(-1) ?? { processorSeconds: Number.NaN, peak: Number.NaN };
  const each = Math.max(1, Math.floor(looks.length / POINTS));
  const course = looks.filter((_, index) => index % each === each - 1);
  const own = Math.max(...looks.map((one) => one.own));
  return { seconds, processorSeconds: last.processorSeconds, peak: last.peak, own, course };
}

/**
 * @param {number} pid
 * @param {string} data
 */
async function lookAt(pid, data) {
  const { counts } = JSON.parse(await readFile(path.join(data, 'load.json'), 'utf8'));
  return {
    certificates: Number(counts.inserted),
    processorSeconds: (await processorTime(pid)) / 1e6,
    ...(await peakMemory(pid)),
  };
}
