import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { readKey } from 'openpgp';
import { newKey } from './openpgp-keys.mjs';
import { clientEnvironment, must, run } from './program.mjs';
import { expect } from './report.mjs';

/**
 * curl as people use it in scripts and recipes.
 *
 * @param {import('./run.mjs').Stage} stage
 */
export async function curl({ server, folder, report }) {
  const env = clientEnvironment();
  /** @param {readonly string[]} args the last one is a path on the server */
  const ask = (args) =>
    must('curl', ['-sS', '--fail-with-body', ...args.slice(0, -1), `${server.url}${args.at(-1)}`], { env });
  /** @param {string} name */
  const keyFile = async (name) => {
    const key = await newKey(`${name}@example.org`);
    const file = path.join(folder, `${name}.asc`);
    await writeFile(file, key.armor);
    return { ...key, file };
  };

  await pushes(report, ask, keyFile);
  const key = await keyFile('curl');
  await ask(['--data-urlencode', `keytext@${key.file}`, '/pks/add']);
  await answers(report, ask, key);
  await report.check('curl', 'a secret key is refused with 400 and not stored', async () => {
    const secret = await newKey('secret@example.org');
    const file = path.join(folder, 'curl-secret.asc');
    await writeFile(file, secret.secretArmor);
    const pushed = await status(server, ['--data-urlencode', `keytext@${file}`], '/pks/add');
    const asked = await status(server, [], `/pks/lookup?op=get&search=0x${secret.fingerprint}`);
    expect(pushed === '400' && asked === '404', `push ${pushed}, lookup ${asked}`);
    return `push ${pushed}, lookup ${asked}`;
  });
  await report.check('curl', 'an upload over the limit is refused with 413', async () => {
    const file = path.join(folder, 'large.asc');
    await writeFile(file, 'A'.repeat(12 * 1024 * 1024));
    const seen = await status(server, ['--data-urlencode', `keytext@${file}`], '/pks/add');
    expect(seen === '413', seen);
    return seen;
  });
}

/**
 * @param {import('./server-process.mjs').ServerProcess} server
 * @param {readonly string[]} args
 * @param {string} address
 */
async function status(server, args, address) {
  const outcome = await run(
    'curl',
    ['-sS', '-o', '/dev/null', '-w', '%{http_code}', ...args, `${server.url}${address}`],
    { env: clientEnvironment() },
  );
  return outcome.stdout;
}

/**
 * @param {import('./report.mjs').Report} report
 * @param {(args: readonly string[]) => Promise<import('./program.mjs').Outcome>} ask
 * @param {(name: string) => Promise<import('./openpgp-keys.mjs').MadeKey & { file: string }>} keyFile
 */
async function pushes(report, ask, keyFile) {
  /** @type {Readonly<Record<string, (file: string) => string[]>>} */
  const ways = {
    form: (file) => ['--data-urlencode', `keytext@${file}`],
    multipart: (file) => ['-F', `keytext=@${file}`],
    raw: (file) => ['-H', 'Content-Type: application/pgp-keys', '--data-binary', `@${file}`],
  };
  for (const [way, args] of Object.entries(ways)) {
    await report.check('curl', `push as ${way}`, async () => {
      const key = await keyFile(way);
      const { stdout } = await ask([...args(key.file), '/pks/add']);
      expect(stdout.toUpperCase().includes(key.fingerprint), stdout);
      expect(stdout.trim().split('\n').length === 1, `more than one line: ${stdout}`);
      return stdout;
    });
  }
}

/**
 * @param {import('./report.mjs').Report} report
 * @param {(args: readonly string[]) => Promise<import('./program.mjs').Outcome>} ask
 * @param {import('./openpgp-keys.mjs').MadeKey} key
 */
async function answers(report, ask, key) {
  await report.check('curl', 'get without options is plain armor', async () => {
    const { stdout } = await ask([`/pks/lookup?op=get&search=0x${key.fingerprint}`]);
    const got = await readKey({ armoredKey: stdout });
    expect(got.getFingerprint().toUpperCase() === key.fingerprint, stdout);
    expect(stdout.startsWith('-----BEGIN') && stdout.endsWith('-----\n'), stdout);
    return `${stdout.length} characters`;
  });
  await report.check('curl', 'machine-readable index', async () => {
    const { stdout } = await ask(['/pks/lookup?op=index&options=mr&search=curl@example.org']);
    expect(stdout.startsWith(`info:1:1\npub:${key.fingerprint}:22:256:`), stdout);
    return stdout;
  });
  await report.check('curl', 'a browser gets a page with a policy that allows no script', async () => {
    const { stdout } = await ask([
      '-i',
      '-H',
      'Accept: text/html',
      '/pks/lookup?op=index&search=curl@example.org',
    ]);
    expect(/^content-type: text\/html/im.test(stdout), stdout);
    expect(/^content-security-policy: .*default-src 'none'/im.test(stdout), stdout);
    expect(stdout.includes('Names and e-mail addresses are not checked'), stdout);
    return /^content-security-policy: .*$/im.exec(stdout)?.[0] ?? '';
  });
  await report.check('curl', 'the stylesheet of that page', async () => {
    const { stdout } = await ask(['-i', '/style.css']);
    expect(/^content-type: text\/css/im.test(stdout), stdout);
    return '200 text/css';
  });
  for (const address of ['/', '/version', '/healthz', '/readyz', '/pks/stats']) {
    await report.check('curl', `GET ${address}`, async () => (await ask([address])).stdout);
  }
}
