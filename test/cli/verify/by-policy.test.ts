import { mkdtemp, realpath, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { ImageHost, keystore, Signer } from '../verify-host.ts';
import { push } from '../vouch.ts';

let host: ImageHost;
let dana: Signer;
let policy: string;
let folder: string;
beforeEach(async () => {
  host = await ImageHost.create();
  dana = new Signer('Dana Doe <dana@example.org>');
  folder = await realpath(await mkdtemp(join(tmpdir(), 'vouch-policy-')));
  policy = await writePolicy('');
});

afterEach(() => rm(folder, { recursive: true, force: true }));

async function writePolicy(more: string): Promise<string> {
  const file = join(folder, 'policy.toml');
  const text = `version = 1
serial = 1
[defaults]
min_binding = "path"
[[signer]]
name = "dana"
keys = ["${dana.key.fingerprint}"]
[[rule]]
name = "everywhere"
require = { set = "dana", threshold = 1 }
${more}`;
  await writeFile(file, text, { mode: 0o600 });
  return file;
}

describe('vouch verify --policy', () => {
  test('admits what a signer of the policy signed, with a key of this host', async () => {
    await host.holds(dana.certificate());
    const image = await host.has('a.sif', dana.image());
    const { code, stdout } = await host.verify('--policy', policy, image);
    expect(stdout).toContain('Admitted: ');
    expect(stdout).toContain('[LOCAL]            Signing entity: dana\n');
    expect(code).toBe(0);
  });

  test('asks a keystore for keys and for revocations', async () => {
    const server = await keystore();
    await push(server.url, dana.certificate());
    const image = await host.has('a.sif', dana.image());
    const remote = await host.verify('--policy', policy, '--url', server.url, image);
    expect(remote.stdout).toContain('[REMOTE]');
    expect(remote.code).toBe(0);
    expect((await host.verify('--policy', policy, '--local', image)).code).toBe(11);
    await push(server.url, dana.revoked());
    const revoked = await host.verify('--policy', policy, '--url', server.url, image);
    expect(revoked.stdout).toContain('KEY_REVOKED_HARD');
    expect(revoked.code).toBe(12);
  });

  test('refuses by another exit code than a bad image has, and says why and what helps', async () => {
    const file = await writePolicy('[[deny]]\nfingerprint = "' + dana.key.fingerprint + '"\n');
    await host.holds(dana.certificate());
    const { code, stdout } = await host.verify('--policy', file, await host.has('a.sif', dana.image()));
    expect(stdout).toContain('DENIED_FINGERPRINT');
    expect(code).toBe(10);
  });

  test('answers in the JSON of the daemon', async () => {
    await host.holds(dana.certificate());
    const { stdout } = await host.verify('--policy', policy, '--json', await host.has('a.sif', dana.image()));
    expect(JSON.parse(stdout)).toMatchObject({
      api: 1,
      effective: 'admit',
      images: [{ rule: 'everywhere', signers: [{ name: 'dana', counts: true }] }],
    });
  });

  test('names a fault of the policy by file and line', async () => {
    const file = await writePolicy('[[rule]]\nname = "x"\nscpoe = "/srv"\n');
    const { code, stderr } = await host.verify('--policy', file, await host.has('a.sif', dana.image()));
    expect(stderr).toMatch(/policy\.toml:\d+: .*scpoe/);
    expect(code).toBe(65);
  });

  test.each([['--group-id', '1'], ['--legacy-insecure'], ['--json=singularity']])(
    'does not go with %s',
    async (...words) => {
      const image = await host.has('a.sif', dana.image());
      const { code, stderr } = await host.verify('--policy', policy, ...words, image);
      expect(stderr).toContain('--policy');
      expect(code).toBe(64);
    },
  );
});
