/* Certificates and images to begin with: made here, and real ones from a folder. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { ed25519Primary, rsaPrimary, writeCertificate } from '../bench/certificate-writer.mjs';
import { makePool } from '../crash/pool.mjs';
import { must } from '../interop/program.mjs';
import { dearmor } from '../../build/openpgp/armor.js';
import { generateKeyPairSync } from 'node:crypto';
import { filesIn } from './target.mjs';

const MAIN = fileURLToPath(new URL('../../dist/cli/main.js', import.meta.url));
const CREATED = 1_704_067_200;

/**
 * Binary keyrings: small ones of two algorithms, one that was revoked, one of version 6, and the real ones.
 *
 * @param {string | undefined} real
 */
export async function certificates(real) {
  const pair = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const [pooled] = await makePool(1);
  const armors = [...(pooled?.versions ?? []), ...(real === undefined ? [] : filesIn(real, /\.asc$/))];
  return [
    writeCertificate(ed25519Primary(CREATED), CREATED, {
      userIds: ['Fuzz <fuzz@example.org>', 'Fuzz (two) <two@example.org>'],
    }),
    writeCertificate(rsaPrimary(CREATED, pair, pair), CREATED, { userIds: ['Łódź <łódź@example.org>'] }),
    ...armors.map((text) => Buffer.concat(dearmor(Buffer.from(text)).map(({ data }) => data))),
    ...(real === undefined ? [] : filesIn(real, /\.pgp$/)),
  ];
}

/** @typedef {{ images: readonly Uint8Array[], certificate: Uint8Array, secret: Uint8Array }} Signed */

/**
 * Small images, unsigned and signed, with the key that signed them.
 *
 * @returns {Promise<Signed>}
 */
export async function signedImages() {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'vouch-fuzz-'));
  const at = (/** @type {string} */ name) => path.join(folder, name);
  const vouch = (/** @type {readonly string[]} */ args) => must(process.execPath, [MAIN, ...args]);
  try {
    writeFileSync(at('pw'), 'fuzz\n', { mode: 0o600 });
    writeFileSync(at('content'), 'root file system\n'.repeat(20));
    const keys = ['--keysdir', at('keys'), '--password-file', at('pw')];
    const who = ['--name', 'Fuzz', '--email', 'fuzz@example.org', '--comment', '', '--no-push'];
    await vouch(['key', 'newpair', '--algorithm', 'ed25519', ...who, ...keys]);
    await vouch(['sif', 'new', at('image')]);
    const partition = ['--datatype', '4', '--partfs', '1', '--parttype', '2', '--partarch', '2'];
    await vouch(['sif', 'add', at('image'), at('content'), '--groupid', '1', ...partition]);
    await vouch(['sif', 'add', at('image'), at('content'), '--groupid', '1', '--datatype', '1']);
    await vouch(['sif', 'add', at('image'), at('content'), '--groupid', '2', '--datatype', '6']);
    const unsigned = readFileSync(at('image'));
    await vouch(['sign', ...keys, at('image')]);
    const once = readFileSync(at('image'));
    await vouch(['sign', ...keys, at('image')]);
    const secret = filesIn(at('keys'), /pgp-secret$/)[0] ?? Buffer.of();
    const certificate = filesIn(at('keys'), /pgp-public$/)[0] ?? Buffer.of();
    return { images: [unsigned, once, readFileSync(at('image'))], certificate, secret };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
