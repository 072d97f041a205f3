import { randomBytes } from 'node:crypto';
import { open, rm } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { must } from '../interop/program.mjs';

const MAIN = fileURLToPath(new URL('../../dist/cli/main.js', import.meta.url));
const MIB = 1024 * 1024;

/**
 * An image with one partition of random octets, signed with the key in `keys`; its passphrase is in `folder`/pw.
 *
 * @param {string} folder
 * @param {string} keys
 * @param {number} mebibytes of content
 * @param {NodeJS.ProcessEnv} env
 */
export async function makeImage(folder, keys, mebibytes, env) {
  const image = path.join(folder, `${mebibytes}.sif`);
  const content = path.join(folder, 'content');
  const file = await open(content, 'w');
  try {
    const block = randomBytes(MIB);
    for (let i = 0; i < mebibytes; i += 1) await file.write(block);
  } finally {
    await file.close();
  }
  const partition = [
    '--datatype',
    '4',
    '--partfs',
    '1',
    '--parttype',
    '2',
    '--partarch',
    '2',
    '--groupid',
    '1',
  ];
  /** @param {readonly string[]} args */
  const vouch = (args) => must(process.execPath, [MAIN, ...args], { env });
  await vouch(['sif', 'new', '--force', image]);
  await vouch(['sif', 'add', image, content, ...partition]);
  await rm(content);
  await vouch(['sign', '--keysdir', keys, '--password-file', path.join(folder, 'pw'), image]);
  return image;
}
