import { mkdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { must } from './program.mjs';
import { PASSPHRASE, ringsIn } from './sif-tools.mjs';

/** Kinds of keys that `vouch key newpair` makes and Go's library reads. */
const KINDS = [
  { name: 'vouch RSA-2048', flags: ['--bit-length', '2048'] },
  { name: 'vouch RSA-4096', flags: ['--bit-length', '4096'] },
  { name: 'vouch Ed25519', flags: ['--algorithm', 'ed25519'] },
  { name: 'vouch P-256', flags: ['--algorithm', 'p256'] },
];

/**
 * Made by Vouch, each in keyrings of its own.
 *
 * @param {import('./sif-tools.mjs').SifTools} tools
 * @param {string} folder
 * @returns {Promise<import('./sif-tools.mjs').Signer[]>}
 */
export async function vouchKeys(tools, folder) {
  const signers = [];
  for (const [i, { name, flags }] of KINDS.entries()) {
    const home = path.join(folder, `vouch-${i}`);
    const who = ['--name', name, '--email', `signer${i}@example.org`, '--comment', ''];
    const how = ['--password-file', '-', '--no-push', '--keysdir', home];
    await tools.mustVouch(['key', 'newpair', ...who, ...how, ...flags], `${PASSPHRASE}\n`);
    signers.push({ name, ...ringsIn(home), fingerprint: await onlyKey(tools, home), goMaySign: true });
  }
  return signers;
}

/**
 * Made by gpg and imported by Vouch: whole keys, and one whose primary key only certifies.
 *
 * @param {import('./sif-tools.mjs').SifTools} tools
 * @param {import('./gpg-host.mjs').GpgHost} host
 * @param {string} folder
 */
export async function gpgKeys(tools, host, folder) {
  /** @type {import('./sif-tools.mjs').Signer[]} */
  const signers = [];
  for (const [name, algorithm] of /** @type {const} */ ([
    ['gpg RSA-3072', 'rsa3072'],
    ['gpg Ed25519', 'ed25519'],
  ])) {
    const fingerprint = await gpgKey(host, `${name} <${algorithm}@example.org>`, algorithm, 'sign');
    signers.push({ name, ...(await imported(tools, host, folder, fingerprint)), goMaySign: true });
  }
  const primary = await gpgKey(host, 'gpg subkey <subkey@example.org>', 'ed25519', 'cert');
  await host.must(['--quick-add-key', primary, 'ed25519', 'sign', 'never']);
  const rings = await imported(tools, host, folder, primary);
  return [...signers, { name: 'gpg signing subkey', ...rings, goMaySign: false }];
}

/**
 * @param {import('./gpg-host.mjs').GpgHost} host
 * @param {string} userId
 * @param {string} algorithm
 * @param {string} usage
 */
export async function gpgKey(host, userId, algorithm, usage) {
  await host.must(['--quick-generate-key', userId, algorithm, usage, 'never']);
  const record = (await host.listing(`=${userId}`)).find(([type]) => type === 'fpr');
  return record?.[9] ?? '';
}

/**
 * A folder with keyrings of this key, public and secret.
 *
 * @param {{ mustVouch: (words: readonly string[]) => Promise<unknown> }} tools
 * @param {import('./gpg-host.mjs').GpgHost} host
 * @param {string} folder
 * @param {string} fingerprint
 */
export async function imported(tools, host, folder, fingerprint) {
  const home = path.join(folder, fingerprint);
  await mkdir(home, { mode: 0o700, recursive: true });
  const file = path.join(folder, `${fingerprint}.asc`);
  await host.must(['--armor', '--output', file, '--export-secret-keys', fingerprint]);
  await tools.mustVouch(['key', 'import', '--keysdir', home, file]);
  return { fingerprint, ...ringsIn(home) };
}

/**
 * Puts what gpg says of the key by now into its keyring, as `key pull` would.
 *
 * @param {import('./sif-tools.mjs').SifTools} tools
 * @param {import('./gpg-host.mjs').GpgHost} host
 * @param {import('./sif-tools.mjs').Signer} signer
 */
export async function bringUpToDate(tools, host, { fingerprint, home }) {
  const file = path.join(home, 'now.asc');
  await host.must(['--armor', '--output', file, '--export', fingerprint]);
  await tools.mustVouch(['key', 'import', '--keysdir', home, file]);
}

/**
 * gpg makes the revocation with the key, and disarms it with a colon.
 *
 * @param {import('./gpg-host.mjs').GpgHost} host
 * @param {string} fingerprint
 */
export async function revoke(host, fingerprint) {
  const made = await readFile(path.join(host.home, 'openpgp-revocs.d', `${fingerprint}.rev`), 'utf8');
  const file = path.join(host.home, 'revocation.asc');
  await writeFile(file, made.replace(/^:/m, ''));
  await must('gpg', [...host.base, '--import', file], { env: host.env });
}

/**
 * @param {import('./sif-tools.mjs').SifTools} tools
 * @param {string} home
 */
async function onlyKey(tools, home) {
  const { stdout } = await tools.mustVouch(['key', 'list', '--keysdir', home]);
  const fingerprint = /^ +Fingerprint: +([0-9A-F]{40})$/m.exec(stdout)?.[1];
  if (fingerprint === undefined) throw new Error(`no key in ${home}: ${stdout}`);
  return fingerprint;
}
