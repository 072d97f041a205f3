// The story of a signed image, told by real processes: a key is made and pushed, an image signed and verified
// here and on a second host, changed, admitted by a trust daemon, and its key revoked. Then the keystore is killed,
// and nothing is forgotten.
// Exit 0 when each step did what it says, 1 otherwise.

import { copyFile, mkdir, mkdtemp, open, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { decryptKey, readPrivateKey, revokeKey } from 'openpgp';
import { startDaemon } from '../interop/daemon-process.mjs';
import { startServer } from '../interop/server-process.mjs';
import { Host } from './host.mjs';
import { answer, checked, command, heading, print } from './screen.mjs';

const PASSPHRASE = 'correct horse battery staple';

/** @type {import('../interop/server-process.mjs').ServerProcess | undefined} */
let server;
/** @type {import('../interop/daemon-process.mjs').DaemonProcess | undefined} */
let daemon;
const folder = await mkdtemp(join(tmpdir(), 'vouch-demo-'));
const data = join(folder, 'data');
const began = performance.now();

for (const signal of /** @type {const} */ (['SIGINT', 'SIGTERM'])) {
  process.on(signal, () => void cleanUp().finally(() => process.exit(1)));
}

try {
  await tell();
  print(`\nDone in ${((performance.now() - began) / 1000).toFixed(1)} s. Start your own: npm start`);
} catch (error) {
  process.stderr.write(`\ndemo: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
} finally {
  await cleanUp();
}

async function tell() {
  const dana = await Host.create(folder, 'dana');
  const cluster = await Host.create(folder, 'cluster');

  heading('1. Start a keystore');
  server = await start();
  const { url } = server;

  heading('2. Dana makes a signing key and pushes it');
  await writeFile(dana.path('passphrase'), `${PASSPHRASE}\n`, { mode: 0o600 });
  const fingerprint = await newKey(dana);
  await dana.vouch(['key', 'push', '--url', url, fingerprint]);

  heading('3. She makes an image and signs it');
  await makeImage(dana);
  await dana.vouch(['sign', '--password-file', 'passphrase', 'tool.sif']);
  await verified(dana, ['verify', '--url', url, 'tool.sif'], 'LOCAL', fingerprint);
  checked('verified with the key of her own keyring');

  heading('4. Another host has the image, and not the key');
  await copyFile(dana.path('tool.sif'), cluster.path('tool.sif'));
  await cluster.vouch(['verify', '--local', 'tool.sif'], 11);
  checked('nobody known has signed: exit 11');
  await verified(cluster, ['verify', '--url', url, 'tool.sif'], 'REMOTE', fingerprint);
  checked('verified with a key that the keystore has; whether it is hers, ask her');

  heading('5. It takes the key, once the fingerprint has been compared');
  await cluster.vouch(['key', 'pull', '--url', url, fingerprint]);
  await verified(cluster, ['verify', '--local', 'tool.sif'], 'LOCAL', fingerprint);
  checked('verified without a keystore');

  heading('6. Somebody changes one octet of the image');
  await copyFile(cluster.path('tool.sif'), cluster.path('changed.sif'));
  await changeOneOctet(cluster.path('changed.sif'));
  await cluster.vouch(['verify', '--local', 'changed.sif'], 11);
  checked('refused: exit 11');

  heading('7. The cluster runs a trust daemon, and a policy says whose images may run');
  await admission(cluster, url, fingerprint);

  await revocation(dana, cluster, fingerprint);
}

/**
 * @param {Host} cluster
 * @param {string} url
 * @param {string} fingerprint
 */
async function admission(cluster, url, fingerprint) {
  await mkdir(cluster.path('keys'), { mode: 0o700 });
  const policy = `version = 1
serial = 1
[[signer]]
name = "dana"
keys = ["${fingerprint}"]
[[rule]]
name = "tools"
scope = "${cluster.home}"
require = { set = "dana", threshold = 1 }
# The demo lies in a temporary folder, of which nothing better can be promised.
min_binding = "path"
`;
  await writeFile(cluster.path('policy.toml'), policy, { mode: 0o600 });
  // Root's daemon would take the socket of this machine.
  const socket = cluster.path('admin.sock');
  const settings = `state = "${cluster.path('state')}"\nkeys = "${cluster.path('keys')}"
keystores = ["${url}"]\nsocket = "${socket}"\n`;
  await writeFile(cluster.path('daemon.toml'), settings, { mode: 0o600 });
  command('cat policy.toml');
  answer(policy.replaceAll(cluster.home, '~'));
  command('vouch daemon --config daemon.toml &');
  daemon = await startDaemon({ config: cluster.path('daemon.toml'), env: cluster.environment });
  answer('Vouch daemon: ~/admin.sock');
  cluster.socket = socket;
  await cluster.vouch(['refresh']);
  const admitted = await cluster.vouch(['admit', 'tool.sif']);
  expect(admitted.includes('[REMOTE]'), 'the signer as [REMOTE]');
  checked('admitted: signed by dana, whose key the keystore has');
  await cluster.vouch(['admit', 'changed.sif'], 11);
  checked('the changed image is refused: exit 11');
}

/**
 * @param {Host} dana
 * @param {Host} cluster
 * @param {string} fingerprint
 */
async function revocation(dana, cluster, fingerprint) {
  heading('8. Dana loses her laptop and publishes the revocation of her key');
  const old = await certificateOf(fingerprint);
  answer(await push(await revocationOf(dana, fingerprint), 'revoked.asc'));
  await cluster.vouch(['verify', '--url', server?.url ?? '', 'tool.sif'], 12);
  checked('the same image is refused now: exit 12');
  await cluster.vouch(['verify', '--local', 'tool.sif'], 12);
  checked('and without a keystore too: a revocation, once seen, stays seen');
  await cluster.vouch(['refresh']);
  await cluster.vouch(['admit', 'tool.sif'], 12);
  checked('the daemon refuses what it had admitted, without reading it again');
  await cluster.vouch(['affected', '--fingerprint', fingerprint]);
  checked('and says which images, where, and who ran them');
  expect((await daemon?.stop()) === 0, 'the daemon to stop cleanly');

  heading('9. The keystore is killed, and somebody pushes the old copy of the key');
  command('kill -9 …');
  await server?.kill();
  server = await start();
  answer(await push(old, 'old-copy.asc'));
  const index = await get(`/pks/lookup?op=index&options=mr&search=0x${fingerprint}`);
  expect(index.split('\n')[1]?.split(':')[6] === 'r', 'the key to be listed as revoked');
  checked('it is still revoked');
  expect((await server.stop()) === 0, 'the server to stop cleanly');
}

async function start() {
  command('vouch serve --data keystore');
  const started = await startServer({ data });
  answer(`Vouch keystore: ${started.url}`);
  return started;
}

/**
 * @param {Host} host
 * @returns {Promise<string>} the fingerprint
 */
async function newKey(host) {
  const who = ['--name', 'Dana Doe', '--email', 'dana@example.org', '--comment', ''];
  await host.vouch(['key', 'newpair', ...who, '--password-file', 'passphrase', '--no-push']);
  const shown = await host.vouch(['key', 'list']);
  const fingerprint = /^ +Fingerprint: +([0-9A-F]{40})$/m.exec(shown)?.[1];
  if (fingerprint === undefined) throw new Error('expected a key in the list');
  return fingerprint;
}

/** @param {Host} host */
async function makeImage(host) {
  await writeFile(host.path('tool.def'), 'Bootstrap: library\nFrom: alpine\n');
  await writeFile(host.path('root.squashfs'), Buffer.alloc(100_000, 'file system'));
  const partition = ['--datatype', '4', '--partfs', '1', '--parttype', '2', '--partarch', '2'];
  await host.vouch(['sif', 'new', 'tool.sif']);
  await host.vouch(['sif', 'add', 'tool.sif', 'tool.def', '--datatype', '1', '--groupid', '1']);
  await host.vouch(['sif', 'add', 'tool.sif', 'root.squashfs', ...partition, '--groupid', '1']);
}

/**
 * @param {Host} host
 * @param {readonly string[]} words
 * @param {'LOCAL' | 'REMOTE'} label
 * @param {string} fingerprint
 */
async function verified(host, words, label, fingerprint) {
  const shown = await host.vouch(words);
  const line = `${`[${label}]`.padEnd(18)} Fingerprint: ${fingerprint}\n`;
  expect(shown.includes(line), `the signer as [${label}]`);
}

/** @param {string} image */
async function changeOneOctet(image) {
  const file = await open(image, 'r+');
  try {
    await file.write('X', 50_000);
  } finally {
    await file.close();
  }
}

/**
 * What `gpg --gen-revoke` does: a signature by the key that it is not to be used any more.
 *
 * @param {Host} host
 * @param {string} fingerprint
 */
async function revocationOf(host, fingerprint) {
  await host.vouch(['key', 'export', '--secret', '--armor', '--fingerprint', fingerprint, 'secret.asc']);
  const locked = await readPrivateKey({ armoredKey: await readFile(host.path('secret.asc'), 'utf8') });
  const key = await decryptKey({ privateKey: locked, passphrase: PASSPHRASE });
  const { publicKey } = await revokeKey({ key, format: 'armored' });
  return publicKey;
}

/** @param {string} fingerprint */
async function certificateOf(fingerprint) {
  return get(`/pks/lookup?op=get&search=0x${fingerprint}`);
}

/**
 * @param {string} armored
 * @param {string} name of the file, as shown
 * @returns {Promise<string>} what the server said, one line
 */
async function push(armored, name) {
  command(`curl --data-urlencode keytext@${name} ${server?.url}/pks/add`);
  return ask('/pks/add', { method: 'POST', body: new URLSearchParams({ keytext: armored }) });
}

/** @param {string} path */
async function get(path) {
  return ask(path, {});
}

/**
 * @param {string} path
 * @param {RequestInit} request
 * @returns {Promise<string>} the body
 */
async function ask(path, request) {
  const response = await fetch(`${server?.url}${path}`, { ...request, headers: { accept: 'text/plain' } });
  const body = await response.text();
  expect(response.ok, `success of ${path}, not ${response.status}: ${body}`);
  return body;
}

/**
 * @param {boolean} holds
 * @param {string} what completes "expected …"
 */
function expect(holds, what) {
  if (!holds) throw new Error(`expected ${what}`);
}

async function cleanUp() {
  await daemon?.kill();
  await server?.kill();
  await rm(folder, { recursive: true, force: true });
}
