import { mkdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { examineServer } from '../../build/cli/doctor-server/examine-server.js';
import { buildGo } from './go-program.mjs';
import { newKey } from './openpgp-keys.mjs';
import { clientEnvironment, must, run } from './program.mjs';
import { expect } from './report.mjs';
import { startServer } from './server-process.mjs';
import { startTlsFront } from './tls-front.mjs';

const VOUCH = fileURLToPath(new URL('../../dist/cli/main.js', import.meta.url));

/** In the form of a token, given out by nobody. */
const WRONG = `vouch_${'0'.repeat(16)}_${'1'.repeat(64)}`;

/**
 * `remote add`, `use`, `login` and `status`, and the key commands after them, against a server of its own that
 * takes keys with a token only and stands behind a proxy with TLS.
 *
 * @param {import('./run.mjs').Stage & { compiler: string }} stage
 */
export async function remote({ folder, report, compiler }) {
  const place = path.join(folder, 'remote');
  await mkdir(place);
  const data = path.join(place, 'data');
  const config = path.join(place, 'server.toml');
  const added = await must(process.execPath, [VOUCH, 'keystore', 'token', 'add', 'ci', '--data', data], {
    env: clientEnvironment(),
  });
  const token = added.stdout.trim();
  const front = await startTlsFront(place);
  await writeFile(config, `public_url = "${front.url}"\n[access]\nmode = "token"\n`);
  const server = await startServer({ data, env: clientEnvironment({ VOUCH_CONFIG: config }) });
  front.forwardTo(server.port);
  const env = clientEnvironment({
    REMOTECLIENT_FILE: path.join(place, 'remotes.json'),
    REMOTECLIENT_DIAL: `127.0.0.1:${front.port}`,
    SSL_CERT_FILE: front.authority,
  });
  try {
    const stage = { place, report, env, token };
    const program = await buildGo('remoteclient', compiler, place);
    await remoteCommands({ ...stage, call: (words) => run(program, words, { env }), front });
    const keyclient = await buildGo('keyclient', compiler, place);
    await keyCommands({ ...stage, call: (words) => run(program, words, { env }), keyclient });
    await doctor({ ...stage, front, log: server.log });
  } finally {
    front.close();
    await server.kill();
  }
}

/**
 * @typedef {{
 *   place: string, report: import('./report.mjs').Report, env: NodeJS.ProcessEnv, token: string,
 *   call: (words: readonly string[]) => Promise<import('./program.mjs').Outcome>,
 * }} Parts
 */

/** @param {Parts & { front: { url: string, port: number } }} parts */
async function remoteCommands({ place, report, token, call, front }) {
  const good = path.join(place, 'token');
  const bad = path.join(place, 'bad-token');
  await writeFile(good, `${token}\n`);
  await writeFile(bad, WRONG);
  /**
   * @param {string} what
   * @param {readonly string[]} words
   * @param {RegExp} says
   * @param {boolean} works
   */
  const step = (what, words, says, works = true) =>
    report.check('remote', what, async () => {
      const { code, text } = await call(words);
      expect((code === 0) === works && says.test(text), `exit ${code}: ${text}`);
      return text;
    });
  const table = /^keyserver OK v\S+ https:\S+\nlibrary N\/A .*\ntoken OK v\S+ https:\S+\/token\n/;
  await step('the port trap: an address with a port finds no host', ['add', 'port', front.url], /^$/);
  await call(['use', 'port']);
  await step('the port trap: status', ['status'], /no Host in request URL|cannot contain colon/, false);
  await step('add', ['add', 'site', 'https://keys.test/'], /^$/);
  await step('use', ['use', 'site'], /^$/);
  await step('status, logged out', ['status'], new RegExp(`${table.source}No authentication token`));
  await step('login with a wrong token', ['login', bad], /Invalid Credentials/, false);
  await step('login', ['login', good], /keys\.test\/auth\/tokens[^]*Access Token Verified!/);
  await step(
    'status, logged in',
    ['status'],
    new RegExp(`${table.source}Access Token[^]*Valid authentication`),
  );
  await step('keyserver login', ['keyserver-login', front.url, token], /Token stored/);
  await step('keyserver login with a wrong token', ['keyserver-login', front.url, WRONG], /401 /, false);
}

/** @param {Parts & { keyclient: string }} parts */
async function keyCommands({ place, report, env, call, keyclient }) {
  const key = await newKey('remote@example.org');
  const file = path.join(place, 'key.asc');
  await writeFile(file, key.armor);
  const [url = '', held = ''] = (await call(['keyserver'])).stdout.split('\n');
  /**
   * @param {string} token
   * @param {readonly string[]} words
   */
  const keyCommand = (token, words) =>
    run(keyclient, [url, ...words], { env: { ...env, KEYCLIENT_TOKEN: token } });
  await report.check('remote', 'key push before login is told what to do', async () => {
    const { code, text } = await keyCommand('', ['push', file]);
    expect(code !== 0 && /401 Unauthorized: .*token/.test(text), `exit ${code}: ${text}`);
    return text;
  });
  await report.check('remote', 'key push and pull with the token of the remote, over TLS', async () => {
    const pushed = await keyCommand(held, ['push', file]);
    expect(pushed.code === 0, pushed.text);
    const pulled = await keyCommand(held, ['pull', key.fingerprint]);
    expect(pulled.stdout.startsWith('-----BEGIN PGP PUBLIC KEY BLOCK-----'), pulled.text);
    return `${pushed.stdout.trim()}, ${pulled.stdout.length} characters`;
  });
}

/**
 * What `vouch doctor --server` does: the token is tried, and nothing is wrong but the port.
 *
 * @param {Omit<Parts, 'call'> & { front: { url: string, authority: string }, log: () => string }} parts
 */
async function doctor({ report, token, front, log }) {
  await report.check('remote', 'the doctor finds nothing wrong but the port', async () => {
    const { findings } = await examineServer({
      base: new URL(front.url),
      token,
      search: 'remote',
      now: Date.now,
      userAgent: 'vouch/interop',
      authorities: await readFile(front.authority, 'utf8'),
    });
    const seen = JSON.stringify(findings);
    const errors = findings.filter(({ severity }) => severity === 'error').map(({ code }) => code);
    expect(errors.join() === 'ADDRESS', seen);
    const tried = findings.filter(({ text }) => text.includes('200 for the token')).length;
    expect(tried === 2, seen);
    expect(!`${seen}${log()}`.includes(token.slice(-40)), 'the token was shown');
    return `${findings.length} findings`;
  });
}
