import { mkdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { clientEnvironment, must, run } from './program.mjs';

/** A host with a GnuPG of its own: keyrings, agent, dirmngr and a keyserver to talk to. */
export class GpgHost {
  /**
   * @param {string} folder where its home is put; a short path, for gpg's sockets are in it
   * @param {string} name
   * @param {string} keyserver
   */
  static async create(folder, name, keyserver) {
    const home = path.join(folder, name);
    await mkdir(home, { mode: 0o700 });
    await writeFile(path.join(home, 'dirmngr.conf'), `keyserver ${keyserver}\nno-use-tor\n`);
    await writeFile(path.join(home, 'gpg.conf'), 'no-auto-check-trustdb\n');
    return new GpgHost(home);
  }

  /** @param {string} home */
  constructor(home) {
    this.home = home;
    this.env = clientEnvironment({ GNUPGHOME: home });
    this.base = ['--batch', '--no-tty', '--yes', '--pinentry-mode', 'loopback', '--passphrase', ''];
  }

  /**
   * @param {readonly string[]} args
   * @param {string} [input]
   */
  gpg(args, input) {
    return run('gpg', [...this.base, ...args], { env: this.env, input });
  }

  /**
   * @param {readonly string[]} args
   * @param {string} [input]
   */
  must(args, input) {
    return must('gpg', [...this.base, ...args], { env: this.env, input });
  }

  /**
   * Makes an Ed25519 signing key that is valid for a year; returns its fingerprint.
   *
   * @param {string} userId
   */
  async newKey(userId) {
    await this.must(['--quick-generate-key', userId, 'ed25519', 'sign', '1y']);
    const record = (await this.listing(`=${userId}`)).find(([type]) => type === 'fpr');
    return record?.[9] ?? '';
  }

  /**
   * The records of a key, split into fields; none when it is not in the keyring.
   *
   * @param {string} key
   */
  async listing(key) {
    const outcome = await this.gpg(['--with-colons', '--list-keys', key]);
    return outcome.stdout.split('\n').map((line) => line.split(':'));
  }

  /**
   * What the host thinks of a key: its validity letter (`r` is revoked), when it expires (seconds since
   * 1970), its subkeys and its user IDs with their letters. Undefined when it is not in the keyring.
   *
   * @param {string} key
   */
  async key(key) {
    const records = await this.listing(key);
    const primary = records.find(([type]) => type === 'pub');
    if (primary === undefined) return undefined;
    return {
      validity: primary[1] ?? '',
      expires: Number(primary[6]),
      subkeys: records.filter(([type]) => type === 'sub').length,
      userIds: records
        .filter(([type]) => type === 'uid')
        .map((fields) => ({ validity: fields[1] ?? '', text: fields[9] ?? '' })),
    };
  }

  /** The revocation certificate that gpg wrote when it made the key, put into use.
   *
   * @param {string} fingerprint
   */
  async revoke(fingerprint) {
    const file = path.join(this.home, 'openpgp-revocs.d', `${fingerprint}.rev`);
    // gpg puts a colon in front so that nobody imports it by mistake.
    const armor = (await readFile(file, 'utf8')).replace(/^:(?=-----BEGIN)/m, '');
    await this.must(['--import'], armor);
  }

  /** Ends the agent and the dirmngr of this home, and no others. */
  async close() {
    await run('gpgconf', ['--homedir', this.home, '--kill', 'all'], { env: this.env });
  }
}
