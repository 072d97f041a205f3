import { chmod, copyFile, mkdir, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { ask } from './daemon-process.mjs';
import { GpgHost } from './gpg-host.mjs';
import { run } from './program.mjs';
import { expect } from './report.mjs';
import { startServer } from './server-process.mjs';
import { revoke } from './sif-keys.mjs';
import { TrustHost } from './trust-host.mjs';

const GATE = fileURLToPath(new URL('../../config/doors/vouch-gate', import.meta.url));

/** Requests under way while the daemon is killed. */
const FLOOD = 400;

/**
 * A host's whole life with the trust daemon: keystore, daemon, gpg and images, each a process or file of its own.
 *
 * @param {import('./run.mjs').Stage} stage
 */
export async function trust({ folder: parent, report }) {
  const folder = path.join(parent, 't');
  await mkdir(folder, { mode: 0o700 });
  const server = await startServer({ data: path.join(folder, 'keystore') });
  const owner = await GpgHost.create(folder, 'g', `hkp://${server.host}:${server.port}`);
  const host = new TrustHost(folder, server.url);
  try {
    const fingerprint = await owner.newKey('Alice <alice@example.org>');
    await host.prepare(owner, fingerprint);
    const story = { report, host, owner, fingerprint, server };
    await admissions(story);
    await revocation(story);
    await crash(story);
    await report.check('trust', 'ends by itself when told to', async () => {
      const code = await host.daemon?.stop();
      expect(code === 0, `exit ${code}: ${host.daemon?.log()}`);
      return `exit ${code}`;
    });
  } finally {
    await host.daemon?.kill();
    await server.kill();
    await owner.close();
  }
}

/**
 * @typedef {{
 *   report: import('./report.mjs').Report, host: TrustHost, owner: GpgHost, fingerprint: string,
 *   server: import('./server-process.mjs').ServerProcess,
 * }} Story
 */

/** @param {Story} story */
async function admissions({ report, host, fingerprint }) {
  await report.check('trust', 'the daemon starts with three lines of settings', async () => {
    await host.start();
    return host.socket;
  });
  await report.check('trust', 'a signed image is admitted, its key [LOCAL]', async () => {
    await host.refresh();
    return host.admit(0, 'LOCAL');
  });
  await report.check('trust', 'an unsigned image is refused', () =>
    host.admit(11, 'UNSIGNED', path.join(host.images, 'unsigned.sif')),
  );
  await report.check('trust', 'the gate for shells says the same', async () => {
    const env = { ...host.env, VOUCH_SOCKET: host.socket };
    const good = await run('sh', [GATE, host.image], { env });
    expect(good.code === 0, good.text);
    const bad = await run('sh', [GATE, path.join(host.images, 'unsigned.sif')], { env });
    expect(bad.code === 11, bad.text);
    return bad.text;
  });
  await report.check('trust', 'the local key is removed: admitted, its key [REMOTE]', async () => {
    await rm(path.join(host.keys, 'alice.asc'));
    await host.refresh();
    const text = await host.admit(0, '[REMOTE]');
    expect(!text.includes('LOCAL'), text);
    return text;
  });
  await report.check(
    'trust',
    'a policy that cannot be read is refused, the last good one stays',
    async () => {
      await writeFile(path.join(host.folder, 'policy.toml'), 'version = 1\nserial = oops\n', { mode: 0o600 });
      const { code, text } = await host.vouch(['reload']);
      expect(code !== 0 && text.includes('policy.toml'), text);
      await host.admit(0, '[REMOTE]');
      await host.policy({ fingerprint, serial: 2, staleness: '72h' });
      return (await host.vouch(['reload'])).text;
    },
  );
}

/** @param {Story} story */
async function revocation({ report, host, owner, fingerprint, server }) {
  await report.check(
    'trust',
    'gpg revokes and sends the key: refused, without reading the image',
    async () => {
      await revoke(owner, fingerprint);
      await owner.must(['--send-keys', fingerprint]);
      const before = await metric(host, 'vouch_hash_bytes_total');
      await host.refresh();
      const text = await host.admit(12, 'KEY_REVOKED_HARD');
      expect((await metric(host, 'vouch_hash_bytes_total')) === before, 'the image was read again');
      return text;
    },
  );
  await report.check('trust', '`vouch affected` lists the image', async () => {
    const { code, text } = await host.vouch(['affected', '--fingerprint', fingerprint]);
    expect(code === 0 && text.includes(host.image), text);
    return text;
  });
  await report.check('trust', 'the keystore is gone for longer than the policy allows', async () => {
    await server.kill();
    const second = await owner.newKey('Bob <bob@example.org>');
    await host.policy({ fingerprint: second, serial: 3, staleness: '1s' });
    await host.vouch(['reload']);
    await owner.must(['--armor', '--output', path.join(host.keys, 'bob.asc'), '--export', second]);
    await chmod(path.join(host.keys, 'bob.asc'), 0o600);
    const { home } = await host.rings(owner, second);
    const image = path.join(host.images, 'second.sif');
    await copyFile(path.join(host.images, 'unsigned.sif'), image);
    await host.mustVouch(['sign', '--keysdir', home, image]);
    await host.vouch(['refresh']);
    return host.admit(20, 'KEY_STALE', image);
  });
}

/** @param {Story} story */
async function crash({ report, host }) {
  await report.check(
    'trust',
    'kill -9 while decisions are logged: the chain is sound after a restart',
    async () => {
      const answered = await killedUnderWay(host);
      await host.start();
      const again = await host.vouch(['admit', host.image]);
      expect(again.code !== 30, again.text);
      const { code, text } = await host.vouch(['log', 'verify', '--config', host.config]);
      expect(code === 0, text);
      return `${answered} of ${FLOOD} answered before the kill | ${text}`;
    },
  );
}

/**
 * The sum of a metric of the daemon over its labels.
 *
 * @param {TrustHost} host
 * @param {string} name
 */
async function metric(host, name) {
  const { text } = await ask(host.socket, 'GET', '/metrics');
  const lines = text.split('\n').filter((line) => line.startsWith(name));
  expect(lines.length > 0, `no metric ${name}`);
  return lines.reduce((sum, line) => sum + Number(line.split(' ').at(-1)), 0);
}

/**
 * Kills the daemon when some of many requests are answered; returns how many were.
 *
 * @param {TrustHost} host
 */
async function killedUnderWay(host) {
  let answered = 0;
  const body = { images: [{ path: host.image }] };
  /** @type {Promise<unknown>[]} */
  const asked = [];
  await new Promise((resolve, reject) => {
    for (let i = 0; i < FLOOD; i += 1) {
      const one = ask(host.socket, 'POST', '/v1/admit', body).then(({ status }) => {
        if (status === 200) answered += 1;
        if (answered === FLOOD / 8) resolve(undefined);
      });
      asked.push(one.catch(() => undefined));
    }
    void Promise.all(asked).then(() => reject(new Error(`only ${answered} of ${FLOOD} were answered`)));
  });
  await host.daemon?.kill();
  await Promise.all(asked);
  return answered;
}
