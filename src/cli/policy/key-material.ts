/* Certificates for a keyring that is written: from the keyrings of this host, or from where the caller says. */
import { readdir, stat } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { keyringPlaces, publicRingOf } from '../../keyring/location.ts';
import { PublicRing } from '../../keyring/public-ring.ts';
import { systemCode, systemReason } from '../../keyring/system-reason.ts';
import { checkKey } from '../../keyring/check-key.ts';
import { splitRing } from '../../keyring/ring-bytes.ts';
import type { Certificate } from '../../openpgp/certificate.ts';
import { OpenPgpError } from '../../openpgp/error.ts';
import { weaknessesOf } from '../../openpgp/key-strength.ts';
import { mergeCertificates } from '../../openpgp/merge.ts';
import { CliError } from '../error.ts';
import { readKeyFile } from '../key/key-file.ts';
import { warnOfProblems } from '../key/keyrings.ts';
import { printable } from '../printable.ts';
import type { Terminal } from '../terminal.ts';

const KEY_FILE = /\.(?:asc|pgp|gpg)$/;

/** By fingerprint, what several sources have of one key united. `named` is a file or a folder of files. */
export async function certificatesFor(
  fingerprints: readonly string[],
  named: string | undefined,
  terminal: Terminal,
): Promise<Map<string, Certificate>> {
  const found = new Map<string, Certificate>();
  const all = named === undefined ? await ofHost(terminal) : await ofPath(named, terminal);
  for (const certificate of all) {
    const { fingerprint } = certificate.primary.key;
    if (!fingerprints.includes(fingerprint)) continue;
    const before = found.get(fingerprint);
    found.set(fingerprint, before === undefined ? certificate : mergeCertificates(before, certificate));
  }
  return found;
}

/** Why a certificate has no place in a keyring that stands for a policy. */
export function unfitness(certificate: Certificate, denied: readonly string[]): string | undefined {
  const keys = [certificate.primary, ...certificate.subkeys].map(({ key }) => key);
  const bad = keys.find(({ fingerprint }) => denied.includes(fingerprint));
  if (bad !== undefined) return `its key ${bad.fingerprint} is denied`;
  // The tools take signatures of such keys, a policy does not.
  const weak = keys.find(({ algorithm }) => weaknessesOf(algorithm).length > 0);
  return weak === undefined ? undefined : `its key ${weak.fingerprint} is weak, which the tools do not mind`;
}

async function ofHost(terminal: Terminal): Promise<Certificate[]> {
  const places = keyringPlaces({ named: undefined, environment: process.env, home: homedir() });
  const all: Certificate[] = [];
  for (const path of [...places.globals, ...places.folders.map(publicRingOf)]) {
    const warn = (text: string): void => terminal.err(`WARNING: ${printable(text)}\n`);
    const { certificates, problems } = await new PublicRing(path, { confined: false, warn }).read();
    warnOfProblems(path, problems, terminal);
    all.push(...certificates);
  }
  return all;
}

async function ofPath(path: string, terminal: Terminal): Promise<Certificate[]> {
  const all: Certificate[] = [];
  for (const file of await filesOf(path)) {
    for (const part of splitRing(await readKeyFile(file)).keys) {
      try {
        all.push(await checkKey(part.bytes, () => Promise.resolve([])));
      } catch (error) {
        if (!(error instanceof OpenPgpError)) throw error;
        terminal.err(`WARNING: a key in ${printable(file)} cannot be used: ${printable(error.message)}\n`);
      }
    }
  }
  return all;
}

async function filesOf(path: string): Promise<string[]> {
  try {
    if (!(await stat(path)).isDirectory()) return [path];
    const names = (await readdir(path)).filter((name) => KEY_FILE.test(name) || name.endsWith('pgp-public'));
    return names.toSorted().map((name) => join(path, name));
  } catch (cause) {
    if (systemCode(cause) === 'ENOENT') throw new CliError('NO_SUCH_FILE', `there is no ${path}`, { cause });
    throw new CliError('UNREADABLE_FILE', `cannot read ${path}: ${systemReason(cause)}`, { cause });
  }
}
