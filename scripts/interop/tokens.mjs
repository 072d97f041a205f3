import { mkdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { buildGo } from './go-program.mjs';
import { newKey } from './openpgp-keys.mjs';
import { clientEnvironment, must, run } from './program.mjs';
import { expect } from './report.mjs';
import { startServer } from './server-process.mjs';

const VOUCH = fileURLToPath(new URL('../../dist/cli/main.js', import.meta.url));

/** In the form of a token, given out by nobody. */
const WRONG = `vouch_${'0'.repeat(16)}_${'1'.repeat(64)}`;

/**
 * A server of its own that asks whose key it is, and clients with and without a token: the library of
 * Apptainer with the header that its `key` commands send, and curl for what `keyserver login` does.
 *
 * @param {import('./run.mjs').Stage & { compiler: string }} stage
 */
export async function tokens({ folder, report, compiler }) {
  const program = await buildGo('keyclient', compiler, folder);
  const place = path.join(folder, 'tokens');
  const data = path.join(place, 'data');
  await mkdir(place);
  const config = path.join(place, 'server.toml');
  await writeFile(config, 'log_level = "debug"\n[access]\nmode = "owner"\n');
  const good = await makeToken(data, ['--domain', 'example.org', 'build host']);
  const revoked = await makeToken(data, ['gone']);
  await vouch(['keystore', 'token', 'revoke', idOf(revoked), '--data', data]);
  const logFile = path.join(place, 'log');
  const server = await startServer({ data, logFile, env: clientEnvironment({ VOUCH_CONFIG: config }) });
  try {
    await commands({ url: server.url, program, place, report, good, revoked });
    await login({ url: server.url, report, good, revoked });
    await report.check('tokens', 'the log of the server names who pushed and holds no token', async () => {
      const log = await readFile(logFile, 'utf8');
      expect(log.includes('"by":"build host"'), log);
      for (const token of [good, revoked, WRONG])
        expect(!log.includes(secretOf(token)), 'a token is in the log');
      return `${log.length} characters`;
    });
  } finally {
    await server.kill();
  }
}

/**
 * @param {{ url: string, program: string, place: string, report: import('./report.mjs').Report, good: string, revoked: string }} parts
 */
async function commands({ url, program, place, report, good, revoked }) {
  /**
   * @param {string} token empty: not logged in
   * @param {string} command
   * @param {string} argument
   */
  const as = (token, command, argument) =>
    run(program, [url, command, argument], { env: clientEnvironment({ KEYCLIENT_TOKEN: token }) });
  const own = await newKey('token@example.org');
  const other = await newKey('token@example.net');
  const ownFile = path.join(place, 'own.asc');
  const otherFile = path.join(place, 'other.asc');
  await writeFile(ownFile, own.armor);
  await writeFile(otherFile, other.armor);

  const refused = [
    { what: 'A2 push by somebody not logged in', token: '', file: ownFile, says: /401 .*keyserver login/s },
    { what: 'push with a wrong token', token: WRONG, file: ownFile, says: /401 .*not known here/s },
    { what: 'A11 push with a revoked token', token: revoked, file: ownFile, says: /401 .*was revoked/s },
    { what: 'A12 push of a key of another domain', token: good, file: otherFile, says: /403 .*other keys/s },
  ];
  for (const { what, token, file, says } of refused) {
    await report.check('tokens', `${what} prints the server's message`, async () => {
      const { code, text } = await as(token, 'push', file);
      expect(code !== 0 && says.test(text), `exit ${code}: ${text}`);
      return text;
    });
  }
  await report.check('tokens', 'push with a token whose rules fit', async () => {
    const { code, text } = await as(good, 'push', ownFile);
    expect(code === 0, text);
    return text;
  });
  for (const [what, token] of [
    ['not logged in', ''],
    ['with a token', good],
    ['A4 with a wrong token', WRONG],
  ]) {
    await report.check('tokens', `pull ${what}`, async () => {
      const { code, stdout, text } = await as(token ?? '', 'pull', own.fingerprint);
      expect(code === 0 && stdout.includes('BEGIN PGP PUBLIC KEY BLOCK'), text);
      return `${stdout.length} characters`;
    });
  }
  await report.check('tokens', 'what was refused is not there', async () => {
    const { code, text } = await as(good, 'pull', other.fingerprint);
    expect(code !== 0 && /404 /.test(text), text);
    return text;
  });
}

/**
 * `keyserver login` asks for the address itself, with Bearer, or with Basic when it was given a name.
 *
 * @param {{ url: string, report: import('./report.mjs').Report, good: string, revoked: string }} parts
 */
async function login({ url, report, good, revoked }) {
  const env = clientEnvironment();
  const cases = [
    { what: 'without credentials', args: [], status: '200' },
    { what: 'Bearer', args: ['-H', `Authorization: Bearer ${good}`], status: '200' },
    { what: 'A3 BEARER', args: ['-H', `Authorization: BEARER  ${good}`], status: '200' },
    { what: 'A6 Basic', args: ['-u', `ci:${good}`], status: '200' },
    { what: 'A5 a wrong token', args: ['-H', `Authorization: Bearer ${WRONG}`], status: '401' },
    { what: 'A6 Basic with a wrong token', args: ['-u', `ci:${WRONG}`], status: '401' },
    { what: 'A11 a revoked token', args: ['-H', `Authorization: Bearer ${revoked}`], status: '401' },
    { what: 'A8 a token in the address', args: ['-G', '-d', `token=${good}`], status: '400' },
    {
      what: 'A10 two headers',
      args: ['-H', `Authorization: Bearer ${good}`, '-H', `authorization: Bearer ${good}`],
      status: '400',
    },
  ];
  for (const { what, args, status } of cases) {
    await report.check('tokens', `login: ${what} is answered ${status}`, async () => {
      const form = ['-sS', '-o', '/dev/null', '-w', '%{http_code}'];
      const { stdout } = await must('curl', [...form, ...args, `${url}/`], { env });
      expect(stdout === status, stdout);
      return stdout;
    });
  }
}

/** @param {readonly string[]} words */
function vouch(words) {
  return must(process.execPath, [VOUCH, ...words], { env: clientEnvironment() });
}

/**
 * @param {string} data
 * @param {readonly string[]} words
 */
async function makeToken(data, words) {
  const { stdout } = await vouch(['keystore', 'token', 'add', ...words, '--data', data]);
  return stdout.trim();
}

/** @param {string} token */
function idOf(token) {
  return token.split('_')[1] ?? '';
}

/** @param {string} token */
function secretOf(token) {
  return token.split('_')[2] ?? '';
}
