// The story of a key, told by a real server: made, pushed, found, revoked, and still there after kill -9.
// Exit 0 when each step did what it says, 1 otherwise.

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { generateKey, readKey } from 'openpgp';
import { startServer } from '../interop/server-process.mjs';
import { answer, checked, command, heading, print } from './screen.mjs';

const EMAIL = 'dana@example.org';

/** @type {import('../interop/server-process.mjs').ServerProcess | undefined} */
let server;
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
  heading('1. Start a keystore');
  server = await startServer({ data });
  command(`vouch serve --listen 127.0.0.1:0 --data ${data}`);
  answer(`Vouch keystore: ${server.url}`);
  await expectStatus('/readyz', 200);
  checked('it answers');

  heading('2. Make a signing key');
  const key = await generateKey({ userIDs: [{ name: 'Dana Doe', email: EMAIL }], format: 'armored' });
  const fingerprint = (await readKey({ armoredKey: key.publicKey })).getFingerprint().toUpperCase();
  answer(`Dana Doe <${EMAIL}>\n${fingerprint.replaceAll(/(.{4})(?=.)/g, '$1 ')}`);

  heading('3. Push it');
  answer(await push(key.publicKey));
  checked('stored');

  heading('4. Look it up');
  await lookUp(fingerprint, '');
  await get(fingerprint, 'fingerprint');
  await get(fingerprint.slice(-8), 'short key ID, as singularity key pull asks');

  heading('5. Push its revocation');
  answer(await push(key.revocationCertificate));
  await lookUp(fingerprint, 'r');

  heading('6. Kill the server with SIGKILL and start it again');
  command('kill -9 …; vouch serve …');
  await server.kill();
  server = await startServer({ data });
  answer(`Vouch keystore: ${server.url}`);
  await lookUp(fingerprint, 'r');
  await get(fingerprint, 'fingerprint');

  heading('7. Push the old copy without the revocation');
  answer(await push(key.publicKey));
  await lookUp(fingerprint, 'r');
  expect((await server.stop()) === 0, 'the server to stop cleanly');
  checked('a revocation, once seen, stays seen');
}

/**
 * @param {string} armored
 * @returns {Promise<string>} what the server said, one line
 */
async function push(armored) {
  command(`curl --data-urlencode keytext@… ${server?.url}/pks/add`);
  const body = new URLSearchParams({ keytext: armored });
  return expectStatus('/pks/add', 200, { method: 'POST', body });
}

/**
 * Searches by e-mail and holds the answer against what it must be.
 *
 * @param {string} fingerprint
 * @param {'' | 'r'} flag of the key
 */
async function lookUp(fingerprint, flag) {
  const path = `/pks/lookup?op=index&options=mr&search=${encodeURIComponent(EMAIL)}`;
  command(`curl '${server?.url}${path}'`);
  const index = await expectStatus(path, 200);
  answer(index);
  const [info, pub = ''] = index.split('\n');
  const fields = pub.split(':');
  expect(info === 'info:1:1', 'one certificate in the index');
  expect(fields[0] === 'pub' && fields[1] === fingerprint, 'the full fingerprint in the pub line');
  expect(fields[6] === flag, flag === 'r' ? 'the r flag' : 'no flag');
  checked(flag === 'r' ? 'found by e-mail, flagged as revoked' : 'found by e-mail');
}

/**
 * @param {string} id hexadecimal digits
 * @param {string} kind of ID
 */
async function get(id, kind) {
  const path = `/pks/lookup?op=get&search=0x${id}`;
  command(`curl '${server?.url}${path}'`);
  const armored = await expectStatus(path, 200);
  const found = await readKey({ armoredKey: armored });
  expect(id === found.getFingerprint().toUpperCase().slice(-id.length), `certificate ${id}`);
  answer(`${armored.split('\n')[0]} … ${armored.length} characters`);
  checked(`found by ${kind}`);
}

/**
 * @param {string} path
 * @param {number} status
 * @param {RequestInit} [request]
 * @returns {Promise<string>} the body
 */
async function expectStatus(path, status, request) {
  const response = await fetch(`${server?.url}${path}`, { ...request, headers: { accept: 'text/plain' } });
  const body = await response.text();
  expect(response.status === status, `status ${status} of ${path}, not ${response.status}: ${body}`);
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
  await server?.kill();
  await rm(folder, { recursive: true, force: true });
}
