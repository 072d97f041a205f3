/* Attacks by whoever may hand the daemon a policy that is wrong, old, or somebody else's. */
import { chmod, mkdir, readFile, rename, rm, symlink, unlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { makeCertificate } from '../../fixtures/test-key.ts';
import { AttackHost, until } from './attack-host.ts';
import { signedImage } from './signed-image.ts';

const alice = makeCertificate();
const signers = { alice: [alice.fingerprint] };

let host: AttackHost;
beforeAll(async () => {
  host = await AttackHost.start();
  await host.addKeys(alice);
});
afterAll(() => host.remove());
beforeEach(async () => {
  await chmod(host.folder, 0o700);
  for (const name of ['policy.toml', 'policy.d']) {
    await rm(join(host.folder, name), { recursive: true, force: true });
  }
  await host.use({ signers });
});

interface Status {
  readonly ready: boolean;
  readonly policy: { readonly serial: number; readonly sha256: string } | null;
  readonly policy_problem?: { readonly code: string; readonly message: string };
}
const status = (): Promise<Status> => host.get<Status>('/v1/status');
const policyFile = (): string => join(host.folder, 'policy.toml');

/** Offers what is in the file: the code of what is wrong with it. */
async function offer(): Promise<string | undefined> {
  const { status: code, text } = await host.post('/v1/policy/reload');
  const answer = JSON.parse(text) as { error?: { code: string } };
  expect(code).toBe(answer.error === undefined ? 200 : 422);
  return answer.error?.code;
}

/** The events of the log. */
async function events(): Promise<string[]> {
  const log = await readFile(join(host.folder, 'state/log/decisions.jsonl'), 'utf8');
  return [...log.matchAll(/"event":"([a-z_]+)"/g)].map(([, event]) => event ?? '');
}

describe('a policy that is malformed', () => {
  it('AD18: keeps the last good one on SIGHUP, and tells; at the start it refuses everything, and is not ready', async () => {
    const path = await host.signed(alice.key);
    const before = await host.admit(path);
    await writeFile(policyFile(), 'version = ');
    host.signal('SIGHUP');
    const bad = await until(status, ({ policy_problem: problem }) => problem !== undefined);
    expect(bad).toMatchObject({ ready: true, policy: before.policy, policy_problem: { code: 'BAD_SYNTAX' } });
    expect(await host.admit(path)).toMatchObject({ effective: 'admit', policy: before.policy });
    expect(await events()).toContain('policy_reload_failed');
    await host.end();
    await host.begin();
    expect(await status()).toMatchObject({ ready: false, policy: null });
    expect((await host.get<{ ready: boolean }>('/readyz')).ready).toBe(false);
    expect(await host.admit(path)).toMatchObject({ effective: 'refuse', codes: ['POLICY_NOT_LOADED'] });
    expect((await host.gate(path)).status).toBe(503);
    expect((await host.vouch('admit', path)).code).not.toBe(0);
  });

  it('AD19 S7.7 keys that are twice, unknown, of another type or not there are an error with a line, whatever else is right', async () => {
    const { policy } = await status();
    const faulty: readonly (readonly [string, string])[] = [
      ['min_binding = "path"', 'min_binding = "path"\nmin_binding = "path"'],
      ['min_binding = "path"', 'min_bindings = "path"'],
      ['min_binding = "path"', 'min_binding = 3'],
      ['min_binding = "path"', 'min_binding = "sort of"'],
      ['min_binding = "path"', '__proto__ = { mode = "off" }'],
      ['name = "images"', 'name = "images"\nthreshold = 1'],
      ['{ set = "everybody" }', '{ set = "everybody", threshold = 0 }'],
      ['{ set = "everybody" }', '{ set = "nobody" }'],
      ['version = 1', 'version = 2'],
      [alice.fingerprint, alice.fingerprint.slice(-16)],
    ];
    for (const [good, bad] of faulty) {
      const text = host.policyText({ signers });
      expect(text).toContain(good);
      await writeFile(policyFile(), text.replace(good, bad));
      expect([bad, await offer()]).toEqual([bad, expect.stringMatching(/^[A-Z_]+$/)]);
      const now = await status();
      expect([now.policy?.sha256, bad]).toEqual([policy?.sha256, bad]);
      expect(now.policy_problem?.message).toMatch(/policy\.toml/);
    }
    // The same in JSON, whose parsers mostly take the last of two.
    await unlink(policyFile());
    const json = '{"version":1,"version":1,"serial":99,"defaults":{"on_no_match":"admit"}}';
    await mkdir(join(host.folder, 'policy.d'), { mode: 0o700 });
    await host.writePolicy({ signers });
    await writeFile(join(host.folder, 'policy.d/more.json'), json, { mode: 0o600 });
    expect(await offer()).toMatch(/^[A-Z_]+$/);
    expect((await status()).policy?.sha256).toBe(policy?.sha256);
  });

  it('AD20: a lower serial is refused, also after a restart, unless that is allowed', async () => {
    const old = host.policyText({ signers });
    await host.use({ signers, more: `[[deny]]\nfingerprint = "${alice.fingerprint}"\nreason = "left"\n` });
    const path = await host.signed(alice.key);
    await host.writePolicy(old);
    expect(await offer()).toBe('BAD_VALUE');
    expect((await host.admit(path)).codes).toContain('DENIED_FINGERPRINT');
    await host.end();
    await host.begin();
    expect((await host.admit(path)).codes).toEqual(['POLICY_NOT_LOADED']);
    await host.end();
    await host.begin(['--allow-rollback']);
    expect(await host.admit(path)).toMatchObject({ effective: 'admit' });
  });
});

describe('a candidate', () => {
  it('is held against what was decided before the daemon was started, too', async () => {
    await host.use({ signers });
    const path = await host.signed(alice.key);
    expect(await host.admit(path)).toMatchObject({ effective: 'admit' });
    await host.end();
    await host.begin();
    const more = `[[deny]]\nfingerprint = "${alice.fingerprint}"\nreason = "left"\n`;
    const { text } = await host.post('/v1/policy/diff', { policy: host.policyText({ signers, more }) });
    const { changed } = JSON.parse(text) as { changed: { path: string; before: unknown; after: unknown }[] };
    expect(changed.find((one) => one.path === path)).toMatchObject({
      before: { effective: 'admit' },
      after: { effective: 'refuse' },
    });
  });
});

describe('a policy on the disk', () => {
  it('S7.7 is refused when others can write it, or the folder that it is in, or when it is a link or no file', async () => {
    const { policy } = await status();
    const refused = async (): Promise<void> => {
      expect(await offer()).toMatch(/^CONFIG_/);
      expect((await status()).policy?.sha256).toBe(policy?.sha256);
    };
    await chmod(policyFile(), 0o666);
    await refused();
    await chmod(policyFile(), 0o600);
    await chmod(host.folder, 0o777);
    await refused();
    await chmod(host.folder, 0o700);
    await rename(policyFile(), join(host.folder, 'elsewhere'));
    await refused();
    await symlink(join(host.folder, 'elsewhere'), policyFile());
    await refused();
    await unlink(policyFile());
    await mkdir(policyFile());
    await refused();
  });

  it('S7.7 keys that others can write are not read, those beside them are', async () => {
    const [bob, carol] = [makeCertificate(), makeCertificate()];
    const file = join(host.keys, 'bob.asc');
    await writeFile(file, bob.armored);
    await chmod(file, 0o666);
    await host.addKeys(carol);
    await host.use({ signers: { bob: [bob.fingerprint], carol: [carol.fingerprint] } });
    expect(await host.admit(await host.signed(bob.key))).toMatchObject({ effective: 'refuse' });
    expect(await host.admit(await host.signed(carol.key))).toMatchObject({ effective: 'admit' });
  });

  it('S7.7 folders that are not there, that are links, or that are named twice do not block the others', async () => {
    const scope = (name: string): string => join(host.images, name);
    await mkdir(scope('real'));
    await mkdir(scope('real/sub'));
    await symlink(scope('real'), scope('linked'));
    const rule = (name: string, folder: string, more = ''): string =>
      `[[rule]]\nname = "${name}"\nscope = "${folder}"\nrequire = { set = "everybody" }\n${more}\n`;
    const rules = `${rule('none', scope('not-there'))}${rule('linked', scope('linked'))}${rule('real', scope('real'), 'recursive = false')}`;
    await host.use({ signers, rules });
    const octets = signedImage(alice.key);
    for (const place of ['real', 'real/sub']) await writeFile(join(scope(place), 'x.sif'), octets);
    expect(await host.admit(join(scope('linked'), 'x.sif'))).toMatchObject({
      effective: 'admit',
      images: [{ rule: 'real', path: join(scope('real'), 'x.sif') }],
    });
    expect((await host.admit(join(scope('real/sub'), 'x.sif'))).codes).toEqual(['NO_RULE']);
    for (const bad of [`${scope('real')}/`, `${scope('real')}/../real`, `${host.images}//real`, 'real']) {
      await host.writePolicy({ signers, rules: rule('one', bad) });
      expect([bad, await offer()]).toEqual([bad, expect.stringMatching(/^[A-Z_]+$/)]);
    }
    await host.writePolicy({ signers, rules: rule('one', scope('real')) + rule('two', scope('real')) });
    expect(await offer()).toMatch(/^[A-Z_]+$/);
    expect((await host.admit(join(scope('real'), 'x.sif'))).images[0]?.rule).toBe('real');
  });

  it('S7.7 CVE-2026-47215 CVE-2026-48785: a sibling whose name begins as that of the folder does not meet its rule', async () => {
    const [folder, sibling] = [join(host.images, 'ok'), join(host.images, 'okEVIL')];
    for (const one of [folder, sibling]) {
      await mkdir(one);
      await writeFile(join(one, 'x.sif'), signedImage(alice.key));
    }
    const rules = `[[rule]]\nname = "ok"\nscope = "${folder}"\nrequire = { set = "everybody" }\n`;
    await host.use({ signers, rules });
    expect(await host.admit(join(folder, 'x.sif'))).toMatchObject({ effective: 'admit' });
    expect((await host.admit(join(sibling, 'x.sif'))).codes).toEqual(['NO_RULE']);
  });

  it('S7.7 a new policy counts for images that are known, and so does the next', async () => {
    const path = await host.signed(alice.key);
    expect(await host.admit(path)).toMatchObject({ effective: 'admit' });
    await host.use({ signers: { nobody: ['0'.repeat(40)] } });
    expect(await host.admit(path)).toMatchObject({ effective: 'refuse', images: [{ cached: true }] });
    await host.use({ signers });
    expect(await host.admit(path)).toMatchObject({ effective: 'admit', images: [{ cached: true }] });
  });
});
