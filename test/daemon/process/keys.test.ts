/* Attacks on what is known of keys: by whoever runs a keystore, or stole a key. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Affected } from '../../../src/admission/affected.ts';
import { makeCertificate, subpackets } from '../../fixtures/test-key.ts';
import type { TestCertificate } from '../../fixtures/test-key.ts';
import { push, serve } from '../../cli/vouch.ts';
import type { Served } from '../../cli/vouch.ts';
import { AttackHost, until } from './attack-host.ts';
import { HostileKeystore } from './hostile-keystore.ts';
import { REASONS, revoked } from './revoked.ts';
import { by, objects } from './signed-image.ts';

const signersOf = (alice: TestCertificate): { alice: string[] } => ({ alice: [alice.fingerprint] });

describe('with a keystore that does as it should', () => {
  let host: AttackHost;
  let keystore: Served;
  beforeAll(async () => {
    host = await AttackHost.prepare();
    keystore = await serve(join(host.folder, 'keystore'));
    await host.setKeystores([keystore.url]);
    await host.begin();
  });
  afterAll(async () => {
    await host.remove();
    keystore.process.kill('SIGTERM');
    await keystore.ended;
  });

  it('AD11: a revocation that only the keystore has counts for the local key, for what was admitted, and without reading it again', async () => {
    const alice = makeCertificate();
    expect((await push(keystore.url, Buffer.from(alice.armored))).status).toBe(200);
    await host.trust({ alice });
    const path = await host.signed(alice.key);
    const before = await host.admit(path);
    expect(before).toMatchObject({ effective: 'admit' });
    expect(before.images[0]?.signers[0]).toMatchObject({ source: 'LOCAL+REMOTE' });
    const octets = await host.metric('vouch_hash_bytes_total');
    expect((await push(keystore.url, Buffer.from(revoked(alice).armored))).status).toBe(200);
    expect((await host.refresh()).changed).toEqual([alice.fingerprint]);
    // Whoever watches is told which answers changed, before anybody asks again.
    host.signal('SIGHUP');
    const log = join(host.folder, 'state/log/decisions.jsonl');
    const isTold = (text: string): boolean =>
      text.split('\n').some((line) => line.includes('"decision_changed"') && line.includes(path));
    expect(await until(() => readFile(log, 'utf8'), isTold)).toContain(path);
    const after = await host.admit(path);
    expect(after).toMatchObject({ effective: 'refuse', images: [{ cached: true }] });
    expect(after.codes).toContain('KEY_REVOKED_HARD');
    expect(after.reasons.find(({ code }) => code === 'KEY_REVOKED_HARD')).toMatchObject({ source: 'REMOTE' });
    expect(await host.metric('vouch_hash_bytes_total')).toBe(octets);
    const { images } = await host.get<Affected>(`/v1/affected?fingerprint=${alice.fingerprint}`);
    expect(images).toMatchObject([{ sha256: before.images[0]?.sha256, paths: [{ path }], times: 1 }]);
  });
});

describe('with a keystore that does not', () => {
  let host: AttackHost;
  let keystore: HostileKeystore;
  beforeAll(async () => {
    keystore = await HostileKeystore.start();
    host = await AttackHost.start({ keystores: [keystore.url] });
  });
  afterAll(async () => {
    await host.remove();
    await keystore.stop();
  });

  it('AD12: a keystore that takes a revocation back is told of, and not believed, over restarts too', async () => {
    const alice = makeCertificate();
    keystore.hold(revoked(alice));
    await host.trust({ alice });
    const path = await host.signed(alice.key);
    expect((await host.admit(path)).codes).toContain('KEY_REVOKED_HARD');
    keystore.hold(alice);
    await host.refresh();
    for (const restart of [false, true]) {
      if (restart) {
        await host.end();
        await host.begin();
      }
      const answer = await host.admit(path);
      expect(answer).toMatchObject({ effective: 'refuse' });
      expect(answer.codes).toEqual(expect.arrayContaining(['KEY_REVOKED_HARD', 'KEYSTORE_ROLLBACK']));
    }
  });

  it('AD14: a key that is gone from the keystore is not revoked; it counts with a warning, unless its presence is asked for', async () => {
    const alice = makeCertificate();
    keystore.hold(alice);
    await host.trust({ alice });
    const path = await host.signed(alice.key);
    expect(await host.admit(path)).toMatchObject({ effective: 'admit', codes: [] });
    keystore.held.delete(alice.fingerprint);
    await host.refresh();
    const warned = await host.admit(path);
    expect(warned).toMatchObject({ effective: 'admit', codes: ['KEY_VANISHED'] });
    expect(warned.reasons[0]?.action).toBe('warn');
    await host.use({ signers: signersOf(alice), signer: 'require_present = true' });
    const refused = await host.admit(path);
    expect(refused).toMatchObject({ effective: 'refuse' });
    expect(refused.codes).toContain('KEY_VANISHED');
    keystore.hold(alice);
    await host.refresh();
    expect(await host.admit(path)).toMatchObject({ effective: 'admit', codes: [] });
  });

  it('AD15: another certificate than the one that was asked for gives nobody rights and takes none', async () => {
    const [alice, bob, mallory] = [makeCertificate(), makeCertificate(), makeCertificate()];
    keystore.hold(alice);
    keystore.held.set(bob.fingerprint, mallory.bytes);
    await host.trust({ alice }, { signers: { ...signersOf(alice), bob: [bob.fingerprint] } });
    keystore.held.set(alice.fingerprint, mallory.bytes);
    const { failed } = await host.refresh();
    expect(failed).toHaveLength(2);
    expect(await host.admit(await host.signed(alice.key))).toMatchObject({
      effective: 'admit',
      codes: ['KEYSTORE_CONFLICT'],
    });
    for (const key of [mallory.key, bob.key]) {
      expect((await host.admit(await host.signed(key))).codes).toContain('SIGNER_UNKNOWN');
    }
    // Nor does one that is sent along with the right one.
    keystore.held.set(alice.fingerprint, Buffer.concat([alice.bytes, mallory.bytes]));
    await host.refresh();
    expect(await host.admit(await host.signed(mallory.key))).toMatchObject({ effective: 'refuse' });
  });

  it('AD16: what a retired key signed counts if it was signed before and this host had seen it before', async () => {
    const alice = makeCertificate();
    const mallory = makeCertificate();
    for (const one of [alice, mallory]) keystore.hold(one);
    await host.trust({ alice, mallory });
    const seen = await host.signed(alice.key);
    const hard = await host.signed(mallory.key);
    for (const path of [seen, hard]) expect(await host.admit(path)).toMatchObject({ effective: 'admit' });
    const end = Math.floor(Date.now() / 1000) + 1;
    await until(
      async () => Promise.resolve(Date.now() / 1000),
      (now) => now > end + 1,
    );
    keystore.hold(revoked(alice, REASONS.retired, end), revoked(mallory, REASONS.compromised, end));
    await host.refresh();
    const told = async (path: string): Promise<readonly unknown[]> => {
      const { effective, codes } = await host.admit(path);
      return [effective, codes.find((code) => code.startsWith('KEY_'))];
    };
    expect(await told(seen)).toEqual(['admit', 'KEY_REVOKED_SOFT']);
    const [first, second] = objects;
    if (first === undefined || second === undefined) throw new Error('there are two');
    const unseen = [first, second, by(alice.key), by(alice.key)];
    expect(await host.judge(unseen, { signers: signersOf(alice) })).toMatchObject({ effective: 'refuse' });
    expect((await host.judge(unseen, { signers: signersOf(alice) })).codes).toContain(
      'KEY_REVOKED_UNANCHORED',
    );
    const later = [first, second, by(alice.key, alice.fingerprint, { created: end + 1 })];
    expect((await host.judge(later, { signers: signersOf(alice) })).codes).toContain('KEY_REVOKED_SOFT');
    expect(await host.judge(later, { signers: signersOf(alice) })).toMatchObject({ effective: 'refuse' });
    await host.use({ signers: { ...signersOf(alice), mallory: [mallory.fingerprint] } });
    expect(await told(hard)).toEqual(['refuse', 'KEY_REVOKED_HARD']);
    await host.use({ signers: signersOf(alice), defaults: 'semantics = "singularity"' });
    expect(await told(seen)).toEqual(['refuse', 'KEY_REVOKED_SOFT']);
  });

  it('S7.6 a good signature beside one of a revoked and one of an expired key: only the good one counts', async () => {
    const [alice, gone] = [makeCertificate(), makeCertificate()];
    const old = makeCertificate(['Old <old@example.org>'], {
      self: { hashed: [subpackets.keyExpires(86_400)] },
    });
    keystore.hold(alice, revoked(gone), old);
    const signers = { ...signersOf(alice), gone: [gone.fingerprint], old: [old.fingerprint] };
    const all = [...objects, by(alice.key), by(gone.key), by(old.key)];
    expect(await host.judge(all, { signers })).toMatchObject({ effective: 'admit' });
    const two = await host.judge(all, { signers, require: '{ set = "everybody", threshold = 2 }' });
    expect(two).toMatchObject({ effective: 'refuse', images: [{ threshold: { need: 2, have: 1 } }] });
    const strict = await host.judge(all, { signers, rule: 'extra_signatures = "refuse"' });
    expect(strict.codes).toContain('SIG_EXTRA_INVALID');
  });
});

describe('with a keystore that is slow', () => {
  it('AD27: a round of questions never overlaps with the next, and admission does not wait for either', async () => {
    const keystore = await HostileKeystore.start();
    const settings = '[refresh]\nschedule = "* * * * * *"';
    const host = await AttackHost.start({ keystores: [keystore.url], settings });
    let release = (): void => undefined;
    try {
      const [alice, bob] = [makeCertificate(), makeCertificate()];
      keystore.hold(alice, bob);
      await host.trust({ alice });
      keystore.gate = new Promise((resolve) => (release = resolve));
      keystore.most = 0;
      // A key that nobody was asked about yet is due at once.
      await host.writePolicy({ signers: { ...signersOf(alice), bob: [bob.fingerprint] } });
      expect((await host.post('/v1/policy/reload')).status).toBe(200);
      interface Jobs {
        readonly jobs: readonly { name: string; running: boolean; overlaps: number }[];
      }
      const refresh = async (): Promise<Jobs['jobs'][number] | undefined> =>
        (await host.get<Jobs>('/v1/status')).jobs.find(({ name }) => name === 'refresh');
      const slow = await until(refresh, (job) => (job?.overlaps ?? 0) >= 2);
      expect(slow).toMatchObject({ running: true });
      expect(keystore.most).toBe(1);
      expect(await host.admit(await host.signed(alice.key))).toMatchObject({ effective: 'admit' });
      release();
      await until(
        () => host.keyStates(),
        (keys) => keys.some((key) => key.fingerprint === bob.fingerprint && key.remote),
      );
      expect(keystore.most).toBe(1);
    } finally {
      release();
      await host.remove();
      await keystore.stop();
    }
  });
});
