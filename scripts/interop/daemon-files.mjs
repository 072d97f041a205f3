/** The two files that a daemon is started with. */
import { writeFile } from 'node:fs/promises';
import path from 'node:path';

/**
 * One signer, whose signature lets every image of a folder run.
 *
 * @param {{ scope: string, fingerprint: string, serial?: number, staleness?: string }} wanted
 *   `scope` is the folder; `staleness` how old the last answer of a keystore may be.
 */
export function policyText({ scope, fingerprint, serial = 1, staleness = '72h' }) {
  return `version = 1
serial = ${serial}
[defaults]
max_staleness = "${staleness}"
min_binding = "path"
[[signer]]
name = "signer"
keys = ["${fingerprint}"]
[[rule]]
name = "images"
scope = "${scope}"
require = { set = "signer", threshold = 1 }
`;
}

/**
 * Writes `policy.toml` into a folder.
 *
 * @param {string} folder
 * @param {string} text
 */
export function writePolicy(folder, text) {
  return writeFile(path.join(folder, 'policy.toml'), text, { mode: 0o600 });
}

/**
 * Writes `daemon.toml` into a folder, where the daemon keeps its state and has its socket. Gives its path.
 *
 * @param {string} folder
 * @param {{ keys: string, keystores?: readonly string[], more?: string }} settings `more` are further lines.
 */
export async function writeSettings(folder, { keys, keystores = [], more = '' }) {
  const config = path.join(folder, 'daemon.toml');
  const lines = [
    `state = ${JSON.stringify(path.join(folder, 'state'))}`,
    `keys = ${JSON.stringify(keys)}`,
    `keystores = ${JSON.stringify(keystores)}`,
    // Root's daemon would take the one of this machine.
    `socket = ${JSON.stringify(path.join(folder, 'run', 'admin.sock'))}`,
    more,
  ];
  await writeFile(config, `${lines.join('\n')}\n`, { mode: 0o600 });
  return config;
}
