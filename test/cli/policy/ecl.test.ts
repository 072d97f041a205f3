import { lstat, mkdtemp, readFile, realpath, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { PublicRing } from '../../../src/keyring/public-ring.ts';
import { parsePolicy } from '../../../src/policy/parse-policy.ts';
import { parseEcl } from '../../../src/policy/ecl/parse-ecl.ts';
import { makeCertificate } from '../../fixtures/test-key.ts';
import { vouch } from '../vouch.ts';

interface Place {
  readonly folder: string;
  at(name: string): string;
  run(...words: string[]): Promise<{ code: number | null; stdout: string; stderr: string }>;
}

async function newPlace(): Promise<Place> {
  const folder = await realpath(await mkdtemp(join(tmpdir(), 'vouch-ecl-')));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  return {
    folder,
    at: (name) => join(folder, name),
    run: async (...words) => {
      const ended = await vouch(['policy', ...words], { env: { HOME: folder } });
      return { code: ended.code, stdout: ended.stdout.toString(), stderr: ended.stderr };
    },
  };
}

const alice = makeCertificate();
const bob = makeCertificate(['Bob <bob@example.org>']);

function listOf(folder: string, keys: readonly string[]): string {
  return `activated = true\n[[execgroup]]\ntagname = "prod"\nmode = "whitelist"\ndirpath = "${folder}"\nkeyfp = ${JSON.stringify(keys)}\n`;
}

describe('vouch policy import-ecl', () => {
  it('prints a policy, and on stderr what differs and what the list is worth here', async () => {
    const place = await newPlace();
    await writeFile(place.at('ecl.toml'), listOf('/srv', [alice.fingerprint, bob.fingerprint.toLowerCase()]));
    await writeFile(place.at('global-pgp-public'), alice.bytes);
    const { code, stdout, stderr } = await place.run(
      'import-ecl',
      place.at('ecl.toml'),
      '--flavour',
      'singularity',
    );
    expect(code).toBe(0);
    const policy = parsePolicy([{ name: 'out', octets: Buffer.from(stdout) }]);
    expect([...policy.signers.keys()]).toEqual(['alice-example', `key-${bob.fingerprint.slice(-16)}`]);
    expect(policy.rules).toMatchObject([
      { name: 'prod', scope: '/srv', recursive: false, extraSignatures: 'refuse' },
    ]);
    expect(stderr).toContain(`${bob.fingerprint} is not in the global keyring`);
    expect(stderr).toMatch(/^NOTE: on this host/m);
  });

  it('writes a file in the place of a link, for everybody to read', async () => {
    const place = await newPlace();
    await writeFile(place.at('list'), listOf('/srv', [alice.fingerprint]));
    await writeFile(place.at('other'), 'untouched');
    await symlink(place.at('other'), place.at('policy.toml'));
    const words = ['--flavour', 'apptainer', '--output', place.at('policy.toml')];
    const { code, stdout } = await place.run('import-ecl', place.at('list'), ...words);
    expect([code, stdout]).toEqual([0, '']);
    const state = await lstat(place.at('policy.toml'));
    expect([state.isFile(), state.mode & 0o777]).toEqual([true, 0o644]);
    expect(await readFile(place.at('other'), 'utf8')).toBe('untouched');
  });

  it('AD28: needs to be told to take a list for legacy signatures', async () => {
    const place = await newPlace();
    const list = `legacyinsecure = true\n${listOf('/srv', [alice.fingerprint])}`;
    await writeFile(place.at('list'), list);
    const words = ['import-ecl', place.at('list'), '--flavour', 'singularity'];
    expect((await place.run(...words)).code).toBe(65);
    expect((await place.run(...words, '--accept-legacy')).stdout).toContain('objects = "primary"');
  });

  it.each([
    [64, 'no flavour', ['list']],
    [64, 'another flavour', ['list', '--flavour', 'docker']],
    [66, 'a list that is not there', ['gone', '--flavour', 'singularity']],
    [66, 'a keyring that is not there', ['list', '--flavour', 'singularity', '--keyring', 'gone']],
    [65, 'a list that is wrong', ['wrong', '--flavour', 'singularity']],
    [77, 'a folder for a list', ['.', '--flavour', 'singularity']],
  ])('ends with %d for %s', async (expected, _, words) => {
    const place = await newPlace();
    await writeFile(place.at('list'), listOf('/srv', [alice.fingerprint]));
    await writeFile(place.at('wrong'), 'activated = "yes"');
    const [first = '', ...rest] = words;
    const { code, stdout } = await place.run('import-ecl', place.at(first), ...rest);
    expect([code, stdout]).toEqual([expected, '']);
  });
});

function policyText(folder: string, require: string): string {
  const signers = [alice, bob].map(
    ({ fingerprint }, i) => `[[signer]]\nname = "${['alice', 'bob'][i]}"\nkeys = ["${fingerprint}"]\n`,
  );
  return `version = 1\nserial = 7\n${signers.join('')}[[rule]]\nname = "prod"\nscope = "${folder}"\nrequire = ${require}\n`;
}

describe('vouch policy export-ecl', () => {
  it('writes a list, and the keyring that belongs to it', async () => {
    const place = await newPlace();
    await writeFile(place.at('policy.toml'), policyText(place.folder, '{ signers = ["alice"] }'));
    await writeFile(place.at('alice.asc'), alice.armored);
    await writeFile(place.at('bob.asc'), bob.armored);
    const { code, stderr } = await place.run(
      'export-ecl',
      place.at('policy.toml'),
      '--flavour=singularity',
      `--output=${place.at('ecl.toml')}`,
      `--keyring-output=${place.at('ring')}`,
      `--keys=${place.folder}`,
    );
    expect(code).toBe(0);
    expect(stderr).toContain('LOST: rule prod: recursive');
    expect(stderr).not.toContain('is not there');
    const { groups } = parseEcl(await readFile(place.at('ecl.toml'), 'utf8'), 'ecl.toml');
    expect(groups).toEqual([
      { tagName: 'prod', mode: 'whitelist', dirPath: place.folder, keys: [alice.fingerprint] },
    ]);
    const { certificates } = await new PublicRing(place.at('ring'), {
      confined: false,
      warn: () => undefined,
    }).read();
    expect(certificates.map(({ primary }) => primary.key.fingerprint)).toEqual([alice.fingerprint]);
  });

  it('leaves a certificate with a denied subkey out of the keyring', async () => {
    const place = await newPlace();
    const denial = `[[deny]]\nfingerprint = "${alice.subkey.fingerprint}"\n`;
    const text = policyText(place.folder, '{ signers = ["alice", "bob"] }') + denial;
    await writeFile(place.at('policy.toml'), text);
    await writeFile(place.at('keys.pgp'), Buffer.concat([alice.bytes, bob.bytes]));
    const words = [`--keyring-output=${place.at('ring')}`, `--keys=${place.at('keys.pgp')}`];
    const { stderr } = await place.run(
      'export-ecl',
      place.at('policy.toml'),
      '--flavour=singularity',
      ...words,
    );
    expect(stderr).toContain(`its key ${alice.subkey.fingerprint} is denied`);
    const { certificates } = await new PublicRing(place.at('ring'), {
      confined: false,
      warn: () => undefined,
    }).read();
    expect(certificates.map(({ primary }) => primary.key.fingerprint)).toEqual([bob.fingerprint]);
  });

  it('warns of folders that are not there: the tools would refuse every image', async () => {
    const place = await newPlace();
    await writeFile(place.at('policy.toml'), policyText('/gone', '{ signers = ["alice"] }'));
    const { code, stdout, stderr } = await place.run(
      'export-ecl',
      place.at('policy.toml'),
      '--flavour=apptainer',
    );
    expect([code, stderr.includes('WARNING: /gone is not there')]).toEqual([0, true]);
    expect(parseEcl(stdout, 'out').groups).toHaveLength(1);
  });

  it('does not write a list that refuses everything', async () => {
    const place = await newPlace();
    const denial = `[[deny]]\nsha256 = "${'0'.repeat(64)}"\n`;
    await writeFile(place.at('policy.toml'), policyText('/srv', '{ signers = ["alice"] }') + denial);
    const words = ['--flavour=singularity', `--output=${place.at('ecl.toml')}`];
    const { code, stderr } = await place.run('export-ecl', place.at('policy.toml'), ...words);
    expect([code, stderr.includes('denied digest')]).toEqual([65, true]);
    await expect(lstat(place.at('ecl.toml'))).rejects.toThrow('ENOENT');
  });

  it.each([
    [64, ['--flavour=singularity', '--keys=x']],
    [64, []],
    [77, ['--flavour=singularity', '--output=/gone/ecl.toml']],
  ])('ends with %d for %j', async (expected, words) => {
    const place = await newPlace();
    await writeFile(place.at('policy.toml'), policyText('/srv', '{ signers = ["alice"] }'));
    expect((await place.run('export-ecl', place.at('policy.toml'), ...words)).code).toBe(expected);
  });
});
