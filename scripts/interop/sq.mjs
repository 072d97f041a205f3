import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { clientEnvironment, must, run } from './program.mjs';
import { expect } from './report.mjs';

const env = clientEnvironment();

/** Sequoia's sq keeps nothing: a "host" is a folder of files. */
class SqHost {
  /**
   * @param {string} folder
   * @param {string} address
   */
  constructor(folder, address) {
    this.folder = folder;
    this.keyserver = ['keyserver', '-s', address, '-p', 'insecure'];
  }

  /** @param {string} name */
  file(name) {
    return path.join(this.folder, `sq-${name}.pgp`);
  }

  /** @param {readonly string[]} args */
  call(...args) {
    return must('sq', ['--force', ...args], { env });
  }

  /**
   * Makes a key; returns its fingerprint.
   *
   * @param {string} name
   * @param {readonly string[]} userIds
   */
  async newKey(name, userIds) {
    const names = userIds.flatMap((userId) => ['--userid', userId]);
    const files = ['--export', this.file(name), '--rev-cert', this.file(`${name}-first-revocation`)];
    await this.call('key', 'generate', ...names, ...files);
    const { stdout } = await this.call('inspect', this.file(name));
    return /Fingerprint: ([0-9A-F]{40})/.exec(stdout)?.[1] ?? '';
  }

  /**
   * Writes a revocation to another file: of a certificate a bare signature; of a user ID a small secret key
   * with it, in this version.
   *
   * @param {string} revocation
   * @param {readonly string[]} args
   */
  async revoke(revocation, args) {
    // sq writes to its output and takes no file name here, unlike everywhere else.
    const command = 'exec sq revoke "$@" >"$OUTPUT"';
    await must('sh', ['-c', command, 'sq', ...args], { env: { ...env, OUTPUT: this.file(revocation) } });
  }

  /** @param {string} name */
  async send(name) {
    await this.call('key', 'extract-cert', this.file(name), '-o', this.file('cert'));
    return this.call(...this.keyserver, 'send', this.file('cert'));
  }

  /**
   * Gets a certificate and returns what `sq inspect` says of it.
   *
   * @param {string} query
   */
  async get(query) {
    await this.call(...this.keyserver, 'get', query, '-o', this.file('got'));
    return (await this.call('inspect', this.file('got'))).stdout;
  }
}

/**
 * @param {import('./run.mjs').Stage} stage
 */
export async function sq({ server, folder, report }) {
  const host = new SqHost(folder, `hkp://${server.host}:${server.port}`);
  const fingerprint = await host.newKey('sam', ['Sam <sam@example.org>', 'Sam <sam+sif@example.org>']);
  await lookups(report, host, fingerprint);
  await changes(report, host, fingerprint);
  await bareRevocation(report, host, server.url);
}

/**
 * @param {import('./report.mjs').Report} report
 * @param {SqHost} host
 * @param {string} fingerprint
 */
async function lookups(report, host, fingerprint) {
  await report.check('sq', 'keyserver send', async () => (await host.send('sam')).text);
  for (const query of [fingerprint, fingerprint.slice(-16), 'sam@example.org', 'sam+sif@example.org']) {
    await report.check('sq', `keyserver get ${query}`, async () => {
      const seen = await host.get(query);
      expect(seen.includes(fingerprint), seen);
      return fingerprint;
    });
  }
  await report.check('sq', 'keyserver get of a key that is not here', async () => {
    const outcome = await run('sq', [...host.keyserver, 'get', 'DEADBEEF'.repeat(5)], { env });
    expect(outcome.code !== 0 && /not found/i.test(outcome.text), outcome.text);
    return outcome.text;
  });
}

/**
 * @param {import('./report.mjs').Report} report
 * @param {SqHost} host
 * @param {string} fingerprint
 */
async function changes(report, host, fingerprint) {
  const added = 'Sam Two <sam2@example.org>';
  await report.check('sq', 'a user ID added, sent again and got', async () => {
    await host.call('key', 'userid', 'add', '--userid', added, host.file('sam'), '-o', host.file('sam2'));
    await host.send('sam2');
    const seen = await host.get('sam2@example.org');
    expect(seen.includes(fingerprint) && seen.includes(added), seen);
    return added;
  });
  await report.check('sq', 'a subkey added, sent again and got', async () => {
    await host.newKey('other', ['Other']);
    const subkey = subkeysIn((await host.call('inspect', host.file('other'))).stdout)[0] ?? '';
    const before = subkeysIn(await host.get(fingerprint));
    const taken = ['-r', host.file('other'), '-k', subkey];
    await host.call('key', 'adopt', ...taken, host.file('sam2'), '-o', host.file('sam3'));
    await host.send('sam3');
    const after = subkeysIn(await host.get(fingerprint));
    expect(after.includes(subkey) && after.length === before.length + 1, after.join(' '));
    return subkey;
  });
  await report.check('sq', 'a user ID revoked, sent and got', async () => {
    await host.revoke('sam-gone', ['userid', '--certificate', host.file('sam3'), added, 'retired', 'left']);
    await host.send('sam-gone');
    const seen = await host.get(fingerprint);
    const revoked = seen.split('UserID: ').filter((part) => isRevoked(part));
    expect(revoked.length === 1 && revoked[0]?.startsWith(added), seen);
    return revoked[0] ?? '';
  });
  await report.check('sq', 'revoked, sent and got', async () => {
    expect(!isRevoked(primaryPart(await host.get(fingerprint))), 'it was revoked before');
    const key = ['--certificate', host.file('sam3'), '-B'];
    await host.revoke('revocation', ['certificate', ...key, 'compromised', 'lost it']);
    await host.call('key', 'extract-cert', '-B', host.file('sam3'), '-o', host.file('cert'));
    const certificate = await readFile(host.file('cert'));
    const revocation = await readFile(host.file('revocation'));
    await writeFile(host.file('revoked'), withRevocation(certificate, revocation));
    await host.call(...host.keyserver, 'send', host.file('revoked'));
    const seen = await host.get(fingerprint);
    expect(isRevoked(primaryPart(seen)), seen);
    return primaryPart(seen);
  });
}

/**
 * @param {import('./report.mjs').Report} report
 * @param {SqHost} host
 * @param {string} url
 */
async function bareRevocation(report, host, url) {
  await report.check('sq', 'the revocation certificate alone, pushed with curl, and got', async () => {
    const fingerprint = await host.newKey('rita', ['Rita']);
    const key = ['--certificate', host.file('rita')];
    await host.revoke('rita-revocation', ['certificate', ...key, 'retired', 'gone']);
    await host.send('rita');
    expect(!isRevoked(await host.get(fingerprint)), 'it was revoked before');
    const upload = ['-sS', '--fail-with-body', '--data-urlencode', `keytext@${host.file('rita-revocation')}`];
    const { stdout } = await must('curl', [...upload, `${url}/pks/add`], { env });
    const seen = await host.get(fingerprint);
    expect(isRevoked(seen), `${stdout} ${seen}`);
    return stdout;
  });
}

/** @param {string} inspected what `sq inspect` says */
function subkeysIn(inspected) {
  return [...inspected.matchAll(/Subkey: ([0-9A-F]{40})/g)].map(([, subkey = '']) => subkey);
}

/** @param {string} inspected */
function primaryPart(inspected) {
  return inspected.split(/^\s*(?:Subkey|UserID): /m)[0] ?? '';
}

/** @param {string} inspected */
function isRevoked(inspected) {
  return /Revoked/.test(inspected);
}

/**
 * The certificate with a revocation signature behind its primary key, where RFC 9580 §10.1 wants it: this
 * version of sq writes the signature only.
 *
 * @param {Buffer} certificate
 * @param {Buffer} revocation
 */
function withRevocation(certificate, revocation) {
  const [header, length] = certificate;
  expect(header === 0xc6 && length !== undefined && length < 192, 'not the packet form that sq writes');
  const end = 2 + length;
  return Buffer.concat([certificate.subarray(0, end), revocation, certificate.subarray(end)]);
}

export async function sqVersion() {
  return (await run('sq', ['--version'])).stdout.trim();
}
