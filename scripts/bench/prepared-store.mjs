import { createWriteStream } from 'node:fs';
import { access, mkdir, rm, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { must } from '../interop/program.mjs';
import { startServer } from '../interop/server-process.mjs';
import { forEachAtOnce } from '../crash/keystore-client.mjs';
import { emailsOf, writeCorpus } from './corpus.mjs';

const MAIN = fileURLToPath(new URL('../../dist/cli/main.js', import.meta.url));

/** A load of 100,000 certificates takes minutes; one that takes longer than this hangs. Milliseconds. */
const LOAD_LIMIT = 1_800_000;

/**
 * A store of one size with what is needed to ask it, and the same answers for the bare server.
 *
 * @typedef {{
 *   size: number, corpus: string, data: string, answers: string,
 *   paths: { fingerprint: string, email: string },
 *   load: { seconds: number, certificates: number, octets: number } | undefined,
 * }} PreparedStore
 *   `paths` are files with one address a line. `load` is undefined when the store was made by another run.
 */

/**
 * @param {string} folder kept between runs when the operator names it
 * @param {number} size
 * @returns {Promise<PreparedStore>}
 */
export async function prepareStore(folder, size) {
  const home = path.join(folder, String(size));
  const data = path.join(home, 'data');
  const answers = path.join(home, 'answers');
  const paths = { fingerprint: path.join(home, 'by-fingerprint'), email: path.join(home, 'by-email') };
  const complete = path.join(home, 'complete');
  const corpus = path.join(home, 'corpus.pgp');
  const ready = { size, corpus, data, answers, paths, load: undefined };
  if (await exists(complete)) return ready;
  await rm(home, { recursive: true, force: true });
  await mkdir(home, { recursive: true });

  const fingerprints = await writeCorpus(corpus, size);
  const load = { ...(await loadCorpus(corpus, data)), certificates: size };
  const lookups = fingerprints.map((fingerprint) => `/pks/lookup?op=get&options=mr&search=0x${fingerprint}`);
  const searches = fingerprints.flatMap((_, index) =>
    emailsOf(index).map((email) => `/pks/lookup?op=index&options=mr&search=${encodeURIComponent(email)}`),
  );
  await writeFile(paths.fingerprint, `${lookups.join('\n')}\n`);
  await writeFile(paths.email, `${searches.join('\n')}\n`);
  await copyAnswers(data, answers, [...lookups, ...searches]);
  await writeFile(complete, '');
  return { ...ready, load };
}

/** @param {string} file */
async function exists(file) {
  return access(file).then(
    () => true,
    () => false,
  );
}

/**
 * @param {string} corpus
 * @param {string} data
 */
async function loadCorpus(corpus, data) {
  const start = performance.now();
  await must(process.execPath, [MAIN, 'keystore', 'load', corpus, '--data', data, '--json'], {
    limit: LOAD_LIMIT,
  });
  const seconds = (performance.now() - start) / 1000;
  return { seconds, octets: (await stat(corpus)).size };
}

/**
 * Asks the keystore everything once and writes the answers down for the bare server. Anything but 200
 * ends the run: certificates of the corpus that were refused would make the figures worthless.
 *
 * @param {string} data
 * @param {string} file
 * @param {readonly string[]} addresses
 */
async function copyAnswers(data, file, addresses) {
  const server = await startServer({ data, logFile: '/dev/null' });
  const out = createWriteStream(file);
  /** @type {string[]} */
  const index = [];
  try {
    await forEachAtOnce(addresses, 16, async (address) => {
      const answer = await fetch(server.url + address);
      const body = Buffer.from(await answer.arrayBuffer());
      if (answer.status !== 200) throw new Error(`${address}: ${answer.status} ${body.toString()}`);
      index.push(`${address} ${body.length}`);
      out.write(body);
    });
  } finally {
    await server.stop();
  }
  await new Promise((resolve) => {
    out.end(resolve);
  });
  await writeFile(`${file}.index`, `${index.join('\n')}\n`);
}
