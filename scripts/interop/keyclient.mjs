import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { readKey } from 'openpgp';
import { buildGo } from './go-program.mjs';
import { newKey, newKeyWithLeadingZero } from './openpgp-keys.mjs';
import { clientEnvironment, must, run } from './program.mjs';
import { expect } from './report.mjs';

/**
 * The key client library of Apptainer (the same code as Singularity's), called as their commands call it.
 *
 * @param {import('./run.mjs').Stage & { compiler: string }} stage
 */
export async function keyclient({ server, folder, report, compiler }) {
  const program = await buildGo('keyclient', compiler, folder);
  const env = clientEnvironment();
  /**
   * @param {string} command
   * @param {string} argument
   */
  const call = (command, argument) => run(program, [server.url, command, argument], { env });
  /**
   * @param {string} command
   * @param {string} argument
   */
  const ok = (command, argument) => must(program, [server.url, command, argument], { env });

  const key = await newKeyWithLeadingZero('go@example.org');
  const file = path.join(folder, 'go.asc');
  await writeFile(file, key.armor);
  await report.check('keyclient', 'push', async () => (await ok('push', file)).stdout);
  await pulls(report, ok, key);
  await report.check('keyclient', 'search by e-mail', async () => {
    const { stdout } = await ok('search', 'go@example.org');
    expect(stdout.startsWith('Showing 1 results\n') && stdout.includes(key.fingerprint), stdout);
    return stdout;
  });
  await report.check('keyclient', 'search by upper-case key ID', async () => {
    const { stdout } = await ok('search', key.keyId);
    expect(stdout.includes(key.fingerprint), stdout);
    return stdout;
  });
  await manyResults(report, ok, folder);
  await report.check('keyclient', 'version', async () => (await ok('version', '-')).stdout);
  await refusals(report, call, folder, key);
}

/**
 * @param {import('./report.mjs').Report} report
 * @param {(command: string, argument: string) => Promise<import('./program.mjs').Outcome>} ok
 * @param {import('./openpgp-keys.mjs').MadeKey} key
 */
async function pulls(report, ok, key) {
  const wanted = [
    { what: 'pull by fingerprint', command: 'pull', id: key.fingerprint },
    { what: 'pull by key ID', command: 'pull', id: key.keyId },
    { what: 'pull by short key ID', command: 'pull', id: key.keyId.slice(-8) },
    { what: `signer lookup with its leading zero lost (${key.keyId})`, command: 'signer', id: key.keyId },
  ];
  for (const { what, command, id } of wanted) {
    await report.check('keyclient', what, async () => {
      const { stdout } = await ok(command, id);
      const got = await readKey({ armoredKey: stdout });
      expect(got.getFingerprint().toUpperCase() === key.fingerprint, stdout);
      return `${stdout.length} characters, ${key.fingerprint}`;
    });
  }
}

/**
 * @param {import('./report.mjs').Report} report
 * @param {(command: string, argument: string) => Promise<import('./program.mjs').Outcome>} ok
 * @param {string} folder
 */
async function manyResults(report, ok, folder) {
  const name = 'Batchwork';
  for (const email of ['one@example.org', 'two+x@example.org', 'three@example.org']) {
    const key = await newKey(email, { name: `${name}: 100% ünlike` });
    const file = path.join(folder, 'many.asc');
    await writeFile(file, key.armor);
    await ok('push', file);
  }
  await report.check('keyclient', 'search with several results, names that need escaping', async () => {
    const { stdout } = await ok('search', name);
    expect(stdout.startsWith('Showing 3 results\n'), stdout);
    expect(stdout.includes('"Batchwork: 100% ünlike <two+x@example.org>"'), stdout);
    return stdout;
  });
}

/**
 * @param {import('./report.mjs').Report} report
 * @param {(command: string, argument: string) => Promise<import('./program.mjs').Outcome>} call
 * @param {string} folder
 * @param {import('./openpgp-keys.mjs').MadeKey} key
 */
async function refusals(report, call, folder, key) {
  const secret = path.join(folder, 'secret.asc');
  await writeFile(secret, key.secretArmor);
  const garbage = path.join(folder, 'garbage.asc');
  await writeFile(garbage, 'not a key');
  const refused = [
    { what: 'push of a secret key', command: 'push', argument: secret, says: /4\d\d .*: .*secret/i },
    { what: 'push of something else', command: 'push', argument: garbage, says: /4\d\d [\w ]+: \w+/ },
    {
      what: 'pull of a key that is not here',
      command: 'pull',
      argument: 'DEADBEEF'.repeat(5),
      says: /404 Not Found: \w+/,
    },
    {
      what: 'search of nobody',
      command: 'search',
      argument: 'nobody@example.net',
      says: /404 Not Found: \w+/,
    },
  ];
  for (const { what, command, argument, says } of refused) {
    await report.check('keyclient', `${what} prints the server's message`, async () => {
      const { code, text } = await call(command, argument);
      expect(code !== 0 && says.test(text), `exit ${code}: ${text}`);
      return text;
    });
  }
}
