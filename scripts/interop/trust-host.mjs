import { chmod, copyFile, mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { policyText, writePolicy, writeSettings } from './daemon-files.mjs';
import { startDaemon } from './daemon-process.mjs';
import { clientEnvironment, must, run } from './program.mjs';
import { expect } from './report.mjs';
import { imported } from './sif-keys.mjs';

const MAIN = fileURLToPath(new URL('../../dist/cli/main.js', import.meta.url));

/** @typedef {import('./gpg-host.mjs').GpgHost} GpgHost */

/** Files and daemon of one host. */
export class TrustHost {
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
    await writeSettings(this.folder, { keys: this.keys, keystores: [this.keystore] });
  }

  /** @param {{ fingerprint: string, serial: number, staleness: string }} wanted */
  async policy(wanted) {
    await writePolicy(this.folder, policyText({ ...wanted, scope: this.images }));
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
