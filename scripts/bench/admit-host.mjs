/** What the benchmark of admissions runs against: a host with a daemon to be, and the yardstick. */
import { spawn } from 'node:child_process';
import { rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { policyText, writePolicy, writeSettings } from '../interop/daemon-files.mjs';
import { ask } from '../interop/daemon-process.mjs';
import { clientEnvironment, must } from '../interop/program.mjs';
import { makeImage } from './signed-image.mjs';

const MAIN = fileURLToPath(new URL('../../dist/cli/main.js', import.meta.url));
const BARE = fileURLToPath(new URL('./bare-unix-server.mjs', import.meta.url));

/**
 * @typedef {object} BenchHost
 * @property {string} folder
 * @property {NodeJS.ProcessEnv} env
 * @property {string} config The daemon's settings.
 * @property {string} keys
 * @property {string} image A small one.
 */

/**
 * A key, a policy that trusts it, a small image, and the three lines of settings.
 *
 * @param {string} folder
 * @returns {Promise<BenchHost>}
 */
export async function prepareHost(folder) {
  const env = clientEnvironment({ HOME: folder });
  // Reading certificates takes longer than the start that is measured.
  delete env['NODE_EXTRA_CA_CERTS'];
  const keys = path.join(folder, 'keys');
  await writeFile(path.join(folder, 'pw'), 'bench\n', { mode: 0o600 });
  const who = ['--name', 'Bench', '--email', 'bench@example.org', '--comment', '', '--no-push'];
  const how = ['--algorithm', 'ed25519', '--password-file', path.join(folder, 'pw'), '--keysdir', keys];
  await must(process.execPath, [MAIN, 'key', 'newpair', ...who, ...how], { env });
  const { stdout } = await must(process.execPath, [MAIN, 'key', 'list', '--keysdir', keys], { env });
  const fingerprint = /Fingerprint: +([0-9A-F]{40})/.exec(stdout)?.[1] ?? '';
  await writePolicy(folder, policyText({ scope: folder, fingerprint }));
  const config = await writeSettings(folder, { keys });
  return { folder, env, config, keys, image: await makeImage(folder, keys, 4, env) };
}

/**
 * Asks until the daemon answers from what it knows; some file systems are trusted after a moment only.
 *
 * @param {string} socket
 * @param {string} image
 * @returns {Promise<string>} the answer
 */
export async function untilKnown(socket, image) {
  for (;;) {
    const { status, text } = await ask(socket, 'POST', '/v1/admit', { images: [{ path: image }] });
    if (status !== 200) throw new Error(`the daemon answers ${status}: ${text}`);
    const { effective, images } = JSON.parse(text);
    if (effective !== 'admit') throw new Error(`not admitted: ${text}`);
    if (images[0].cached === true) return text;
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
}

/**
 * @param {string} folder
 * @param {string} answer
 */
export async function startBare(folder, answer) {
  const file = path.join(folder, 'answer');
  await writeFile(file, answer);
  const socket = path.join(folder, 'bare.sock');
  // That of the round before.
  await rm(socket, { force: true });
  const child = spawn(process.execPath, [BARE, socket, file], { stdio: ['ignore', 'pipe', 'inherit'] });
  await new Promise((resolve) => child.stdout.once('data', resolve));
  return { socket, pid: child.pid ?? 0, kill: () => void child.kill('SIGKILL') };
}
