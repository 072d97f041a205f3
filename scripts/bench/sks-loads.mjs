import { mkdir } from 'node:fs/promises';
import { createServer } from 'node:net';
import path from 'node:path';
import { startListening } from '../interop/listening-process.mjs';
import { findProgram, isExecutable, must } from '../interop/program.mjs';

/** Where Debian has it. */
const SKS = '/usr/sbin/sks';

/** Pages that `sks build` keeps in memory, and keyrings it reads at a time: what its own manual suggests. */
const BUILD = ['-n', '10', '-cache', '100'];

/** The path of SKS, or undefined. */
export async function findSks() {
  return (await findProgram('sks')) ?? ((await isExecutable(SKS)) ? SKS : undefined);
}

/**
 * Makes the store of an SKS server out of a keyring, without verifying anything, as SKS does.
 *
 * @param {string} sks
 * @param {string} folder new
 * @param {string} keyring
 */
export async function buildSks(sks, folder, keyring) {
  for (const inside of ['var/run/sks', 'var/lib/sks', 'var/log/sks', 'etc/sks']) {
    await mkdir(path.join(folder, inside), { recursive: true });
  }
  await must(sks, ['build', keyring, '-basedir', folder, ...BUILD], { cwd: folder });
}

/** A port that nobody listens on now. */
function freePort() {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => resolve(typeof address === 'object' && address !== null ? address.port : 0));
    });
  });
}

/**
 * Starts SKS on a store that `buildSks` made.
 *
 * @param {string} sks
 * @param {string} folder
 */
export async function startSks(sks, folder) {
  const [port, recon] = [await freePort(), await freePort()];
  const local = ['-hkp_address', '127.0.0.1', '-recon_address', '127.0.0.1'];
  const ports = ['-hkp_port', String(port), '-recon_port', String(recon)];
  const { address, ...server } = await startListening({
    words: [sks, 'db', '-basedir', folder, ...local, ...ports, '-stdoutlog'],
    says: /http port: (\d+)[^]*Applied filters/,
    cwd: folder,
  });
  return { ...server, url: `http://127.0.0.1:${address}` };
}
