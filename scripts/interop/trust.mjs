import { chmod, copyFile, mkdir, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { ask, startDaemon } from './daemon-process.mjs';
import { GpgHost } from './gpg-host.mjs';
import { clientEnvironment, must, run } from './program.mjs';
import { expect } from './report.mjs';
import { startServer } from './server-process.mjs';
import { imported, revoke } from './sif-keys.mjs';

const MAIN = fileURLToPath(new URL('../../dist/cli/main.js', import.meta.url));
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

/** Files and daemon of one host. */
class TrustHost {
  /**
   * @param {string} folder
   * @param {string} keystore
   */
  constructor(folder, keystore) {
    this.folder = folder;
    this.keystore = keystore;
    this.keys = path.join(folder, 'keys');
    this.images = path.join(folder, 'images');
    this.image = path.join(this.images, 'tool.sif');
    this.state = path.join(folder, 'state');
    this.config = path.join(folder, 'daemon.toml');
    this.env = clientEnvironment({ HOME: folder });
    for (const name of Object.keys(this.env)) if (name.startsWith('VOUCH_')) delete this.env[name];
    /** @type {import('./daemon-process.mjs').DaemonProcess | undefined} */
    this.daemon = undefined;
  }

  /**
   * @param {GpgHost} owner
   * @param {string} fingerprint
   */
  async prepare(owner, fingerprint) {
    await mkdir(this.keys, { mode: 0o700 });
    await mkdir(this.images, { mode: 0o700 });
    await owner.must(['--send-keys', fingerprint]);
    await owner.must(['--armor', '--output', path.join(this.keys, 'alice.asc'), '--export', fingerprint]);
    await chmod(path.join(this.keys, 'alice.asc'), 0o600);
    const { home } = await this.rings(owner, fingerprint);
    const content = path.join(this.folder, 'content');
    await writeFile(content, Buffer.alloc(100_000, 'file system'));
    await this.mustVouch(['sif', 'new', this.image]);
    const partition = ['--datatype', '4', '--partfs', '1', '--parttype', '2', '--partarch', '2'];
    await this.mustVouch(['sif', 'add', this.image, content, ...partition, '--groupid', '1']);
    await copyFile(this.image, path.join(this.images, 'unsigned.sif'));
    await this.mustVouch(['sign', '--keysdir', home, this.image]);
    await this.policy({ fingerprint, serial: 1, staleness: '72h' });
    const lines = [
      `state = "${this.state}"`,
      `keys = "${this.keys}"`,
      `keystores = ["${this.keystore}"]`,
      // Root's daemon would take the one of this machine.
      `socket = "${path.join(this.folder, 'run', 'admin.sock')}"`,
    ];
    await writeFile(this.config, `${lines.join('\n')}\n`, { mode: 0o600 });
  }

  /** @param {{ fingerprint: string, serial: number, staleness: string }} wanted */
  async policy({ fingerprint, serial, staleness }) {
    const text = `version = 1
serial = ${serial}
[defaults]
max_staleness = "${staleness}"
min_binding = "path"
[[signer]]
name = "alice"
keys = ["${fingerprint}"]
[[rule]]
name = "images"
scope = "${this.images}"
require = { set = "alice", threshold = 1 }
`;
    await writeFile(path.join(this.folder, 'policy.toml'), text, { mode: 0o600 });
  }

  async start() {
    this.daemon = await startDaemon({ config: this.config, env: this.env });
  }

  get socket() {
    return this.daemon?.socket ?? '';
  }

  /** @param {readonly string[]} words */
  vouch(words) {
    const env = { ...this.env, VOUCH_SOCKET: this.socket };
    return run(process.execPath, [MAIN, ...words], { env, cwd: this.folder });
  }

  /** @param {readonly string[]} words */
  mustVouch(words) {
    return must(process.execPath, [MAIN, ...words], { env: this.env, cwd: this.folder });
  }

  /** Keys of files and keystores are read anew. */
  async refresh() {
    const { code, text } = await this.vouch(['refresh']);
    expect(code === 0, `refresh: exit ${code}: ${text}`);
    return text;
  }

  /**
   * Rings of a key of gpg's, to sign with.
   *
   * @param {GpgHost} owner
   * @param {string} fingerprint
   */
  rings(owner, fingerprint) {
    return imported(this, owner, this.folder, fingerprint);
  }

  /**
   * The answer of `vouch admit`, which must have this exit code and hold this text.
   *
   * @param {number} exitCode
   * @param {string} text
   * @param {string} [image]
   */
  async admit(exitCode, text, image = this.image) {
    const outcome = await this.vouch(['admit', image]);
    const seen = `exit ${outcome.code}: ${outcome.text}${this.daemon?.log() ?? ''}`;
    expect(outcome.code === exitCode, `expected exit ${exitCode}: ${seen}`);
    expect(outcome.text.includes(text), `expected ${text}: ${seen}`);
    return outcome.text;
  }
}

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
