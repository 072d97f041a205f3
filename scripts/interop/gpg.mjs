import { GpgHost } from './gpg-host.mjs';
import { run } from './program.mjs';
import { expect } from './report.mjs';

const SECOND_ADDRESS = 'Alice Two <alice.two@example.org>';
const UNKNOWN = 'DEADBEEF'.repeat(5);

/**
 * GnuPG with its dirmngr, on two hosts: one owns keys and pushes, the other gets them and their changes.
 *
 * @param {import('./run.mjs').Stage} stage
 */
export async function gpg({ server, folder, report }) {
  const keyserver = `hkp://${server.host}:${server.port}`;
  const owner = await GpgHost.create(folder, 'a', keyserver);
  const user = await GpgHost.create(folder, 'b', keyserver);
  try {
    const fingerprint = await owner.newKey('Alice <alice@example.org>');
    await lookups(report, owner, user, fingerprint);
    await searches(report, owner, user, fingerprint);
    await changes(report, owner, user, fingerprint);
    await revocation(report, owner, user, fingerprint);
  } finally {
    await owner.close();
    await user.close();
  }
}

/**
 * @param {import('./report.mjs').Report} report
 * @param {GpgHost} owner
 * @param {GpgHost} user
 * @param {string} fingerprint
 */
async function lookups(report, owner, user, fingerprint) {
  await report.check('gpg', '--send-keys', async () => (await owner.must(['--send-keys', fingerprint])).text);
  const ids = { fingerprint, 'key ID': fingerprint.slice(-16), 'short key ID': fingerprint.slice(-8) };
  for (const [name, id] of Object.entries(ids)) {
    await report.check('gpg', `--recv-keys by ${name}`, async () => {
      await user.gpg(['--delete-keys', fingerprint]);
      expect((await user.key(fingerprint)) === undefined, 'the key was there before');
      const { text } = await user.must(['--recv-keys', id]);
      expect((await user.key(fingerprint)) !== undefined, `the key did not come: ${text}`);
      return text;
    });
  }
  await report.check(
    'gpg',
    '--recv-keys of a key that is not here, and the next request still works',
    async () => {
      const missing = await user.gpg(['--recv-keys', UNKNOWN]);
      expect(missing.code !== 0, 'gpg took an answer for a key nobody has');
      await user.must(['--recv-keys', fingerprint]);
      return missing.text;
    },
  );
}

/**
 * @param {import('./report.mjs').Report} report
 * @param {GpgHost} owner
 * @param {GpgHost} user
 * @param {string} fingerprint
 */
async function searches(report, owner, user, fingerprint) {
  const tagged = await owner.newKey('Zoë Tagged <zoe+sif@example.org>');
  await report.check('gpg', '--send-keys of a name that is not ASCII', async () => {
    return (await owner.must(['--send-keys', tagged])).text;
  });
  const wanted = [
    { text: 'alice@example.org', key: fingerprint },
    { text: '<alice@example.org>', key: fingerprint },
    { text: 'Alice', key: fingerprint },
    { text: 'zoe+sif@example.org', key: tagged },
    { text: 'zoë', key: tagged },
    { text: `0x${tagged.slice(-16)}`, key: tagged },
  ];
  for (const { text, key } of wanted) {
    await report.check('gpg', `--search-keys ${text}`, async () => {
      const outcome = await user.gpg(['--with-colons', '--search-keys', text]);
      expect(outcome.stdout.includes(key), `no ${key} in: ${outcome.text}`);
      return outcome.stdout;
    });
  }
  for (const { text, key } of wanted.filter(({ text: asked }) => /^[a-z+]+@/.test(asked))) {
    await report.check('gpg', `--locate-external-keys ${text}`, async () => {
      await user.gpg(['--delete-keys', key]);
      const { text: said } = await user.must([
        '--auto-key-locate',
        'clear,keyserver',
        '--locate-external-keys',
        text,
      ]);
      expect((await user.key(key)) !== undefined, `the key did not come: ${said}`);
      return said;
    });
  }
  await report.check('gpg', '--search-keys of nobody', async () => {
    const outcome = await user.gpg(['--with-colons', '--search-keys', 'nobody@example.net']);
    expect(!outcome.stdout.includes('pub:'), outcome.text);
    return `exit ${outcome.code} ${outcome.text}`;
  });
}

/**
 * What the owner changes must reach the other host by sending again and refreshing there.
 *
 * @param {import('./report.mjs').Report} report
 * @param {GpgHost} owner
 * @param {GpgHost} user
 * @param {string} fingerprint
 */
async function changes(report, owner, user, fingerprint) {
  await user.must(['--recv-keys', fingerprint]);
  const before = await user.key(fingerprint);
  /** @type {readonly { what: string, change: string[], seen: (key: NonNullable<typeof before>) => boolean }[]} */
  const steps = [
    {
      what: 'a user ID added',
      change: ['--quick-add-uid', fingerprint, SECOND_ADDRESS],
      seen: (key) => key.userIds.some(({ text }) => text === SECOND_ADDRESS),
    },
    {
      what: 'a subkey added',
      change: ['--quick-add-key', fingerprint, 'cv25519', 'encr', '1y'],
      seen: (key) => key.subkeys === 1,
    },
    {
      what: 'a user ID revoked',
      change: ['--quick-revoke-uid', fingerprint, SECOND_ADDRESS],
      seen: (key) => key.userIds.some(({ text, validity }) => text === SECOND_ADDRESS && validity === 'r'),
    },
    {
      what: 'the expiry extended',
      change: ['--quick-set-expire', fingerprint, '5y'],
      seen: (key) => key.expires > (before?.expires ?? Infinity),
    },
  ];
  for (const { what, change, seen } of steps) {
    await report.check('gpg', `--refresh-keys after ${what}`, async () => {
      await owner.must(change);
      await owner.must(['--send-keys', fingerprint]);
      await user.must(['--refresh-keys', fingerprint]);
      const key = await user.key(fingerprint);
      expect(key !== undefined && seen(key), `not seen on the other host: ${JSON.stringify(key)}`);
      return JSON.stringify(key);
    });
  }
}

/**
 * @param {import('./report.mjs').Report} report
 * @param {GpgHost} owner
 * @param {GpgHost} user
 * @param {string} fingerprint
 */
async function revocation(report, owner, user, fingerprint) {
  const older = (await owner.must(['--armor', '--export', fingerprint])).stdout;
  const isRevoked = async () => (await user.key(fingerprint))?.validity === 'r';
  await report.check('gpg', '--refresh-keys after the key was revoked', async () => {
    expect(!(await isRevoked()), 'it was revoked before');
    await owner.revoke(fingerprint);
    await owner.must(['--send-keys', fingerprint]);
    const { text } = await user.must(['--refresh-keys', fingerprint]);
    expect(await isRevoked(), `the revocation was not seen: ${text}`);
    return text;
  });
  await report.check('gpg', '--search-keys shows it revoked', async () => {
    const { stdout } = await user.gpg(['--with-colons', '--search-keys', 'alice@example.org']);
    const line = stdout.split('\n').find((candidate) => candidate.includes(fingerprint)) ?? '';
    expect(line.trim().endsWith(':r'), stdout);
    return line;
  });
  await report.check('gpg', 'an older copy sent later does not take the revocation back', async () => {
    await owner.must(['--delete-secret-and-public-key', fingerprint]);
    await owner.must(['--import'], older);
    await owner.must(['--send-keys', fingerprint]);
    await user.must(['--delete-keys', fingerprint]);
    const { text } = await user.must(['--recv-keys', fingerprint]);
    expect(await isRevoked(), `the revocation is gone: ${text}`);
    return text;
  });
}

/** What runs here, for the first line of the report. */
export async function gpgVersion() {
  const outcome = await run('gpg', ['--version']);
  return outcome.stdout.split('\n')[0] ?? '';
}
