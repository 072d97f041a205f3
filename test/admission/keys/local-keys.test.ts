import { chmod, chown, mkdir, symlink, writeFile } from 'node:fs/promises';
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import {
  DAY,
  EPOCH,
  keyring,
  makeCertificate,
  subpackets,
  TestKey,
  userId,
} from '../../fixtures/test-key.ts';
import { armor } from '../../../src/openpgp/armor.ts';
import { hostWith, keystoreOf, revocationIn } from './host.ts';
import type { TestHost } from './host.ts';

const ALICE = makeCertificate(['Alice']);
const BOB = makeCertificate(['Bob']);
const isRoot = process.getuid?.() === 0;

async function fingerprintsAfter(host: TestHost): Promise<string[]> {
  await host.book.reloadLocal();
  return host.book.entries().map(({ fingerprint }) => fingerprint);
}

describe('keys of this host', () => {
  it('are read from armored and binary files, several in one, and from the ring of Singularity or Apptainer', async () => {
    const host = await hostWith();
    const [carol, dan] = [makeCertificate(['Carol']), makeCertificate(['Dan'])];
    await host.write('alice.asc', `some words\n${ALICE.armored}\n${BOB.armored}`);
    await host.write('carol.GPG', carol.bytes);
    await host.write('pgp-public', dan.bytes);
    await host.write('notes.txt', 'not a key');
    const all = [ALICE, BOB, carol, dan].map(({ fingerprint }) => fingerprint);
    expect(await fingerprintsAfter(host)).toEqual(all.toSorted());
    expect(host.lines).toEqual([]);
  });

  it('are read from keyring files too, which need not be there', async () => {
    const host = await hostWith();
    await host.write('global', BOB.bytes);
    const rings = [join(host.folder, 'global'), join(host.folder, 'absent')];
    const again = await host.restart({ sources: { folders: [], rings } });
    expect(again.book.entries()).toMatchObject([{ fingerprint: BOB.fingerprint, local: true }]);
  });

  it('are gone from the host when their file is, and come back with it', async () => {
    const host = await hostWith();
    await host.write('alice.asc', ALICE.armored);
    await host.book.pin([ALICE.fingerprint]);
    await host.book.reloadLocal();
    const { epoch } = host.book;
    await host.remove('alice.asc');
    expect((await host.book.reloadLocal()).changed).toEqual([ALICE.fingerprint]);
    expect(host.book.entry(ALICE.fingerprint)).toMatchObject({ local: false, remote: false });
    expect(host.book.epoch).toBeGreaterThan(epoch);
    await host.write('alice.asc', ALICE.armored);
    await host.book.reloadLocal();
    expect(host.book.entry(ALICE.fingerprint)).toMatchObject({ local: true });
  });

  it('are the union of what their files say', async () => {
    const host = await hostWith();
    const revoked = keyring(
      ALICE.key.key.packet,
      ALICE.key.revoke({ created: EPOCH + DAY }),
      ...ALICE.packets.slice(1),
    );
    await host.write('a.asc', ALICE.armored);
    await host.write('b.pgp', revoked);
    await host.book.reloadLocal();
    expect(revocationIn(host.book.entry(ALICE.fingerprint))?.hard).toBe(true);
  });

  it('stay as they are, with the epoch, while their files do', async () => {
    const host = await hostWith();
    await host.write('alice.asc', ALICE.armored);
    await host.book.reloadLocal();
    const [entry] = host.book.entries();
    const { epoch } = host.book;
    expect(await host.book.reloadLocal()).toEqual({ certificates: 1, changed: [], problems: [] });
    expect(host.book.entries()[0]).toBe(entry);
    expect(host.book.epoch).toBe(epoch);
  });
});

describe('a revocation without its key', () => {
  const revocation = ALICE.key.revoke({ created: EPOCH + DAY });

  it.each([
    ['binary', revocation.raw],
    ['armored, as gpg --gen-revoke writes it', armor(revocation.raw)],
    ['behind the key of somebody else', `${BOB.armored}\n${armor(revocation.raw)}`],
  ])('counts for the key that it verifies for: %s', async (_, content) => {
    const host = await hostWith();
    await host.write('revoke.asc', content);
    await host.write('keys.asc', `${ALICE.armored}\n${BOB.armored}`);
    expect((await host.book.reloadLocal()).problems).toEqual([]);
    expect(revocationIn(host.book.entry(ALICE.fingerprint))?.hard).toBe(true);
    expect(revocationIn(host.book.entry(BOB.fingerprint))).toBeUndefined();
    await host.remove('revoke.asc');
    await host.book.reloadLocal();
    expect(revocationIn(host.book.entry(ALICE.fingerprint))?.hard).toBe(true);
  });

  it('counts for a key that only a keystore has, once it has given it', async () => {
    const keystores = [keystoreOf('k', new Map([[ALICE.fingerprint, ALICE.bytes]]))];
    const host = await hostWith({ keystores });
    await host.write('revoke.gpg', revocation.raw);
    await host.book.pin([ALICE.fingerprint]);
    const { problems } = await host.book.reloadLocal();
    expect(problems).toMatchObject([{ reason: expect.stringMatching(/not known here/) as string }]);
    await host.book.refresh({ force: true });
    expect(revocationIn(host.book.entry(ALICE.fingerprint))).toBeUndefined();
    const { epoch } = host.book;
    expect((await host.book.reloadLocal()).problems).toEqual([]);
    expect(host.book.epoch).toBeGreaterThan(epoch);
    const entry = host.book.entry(ALICE.fingerprint);
    expect(entry).toMatchObject({ local: false, remote: true });
    expect(revocationIn(entry)?.hard).toBe(true);
    const { epoch: after } = host.book;
    await host.book.reloadLocal();
    expect(host.book.epoch).toBe(after);
  });

  it('counts when whom the owner named made it, and has the key in another file', async () => {
    const [owner, friend] = [new TestKey(), new TestKey()];
    const named = owner.direct({ hashed: [subpackets.revoker(friend.fingerprint)] });
    const alice = userId('Alice');
    const revoked = keyring(
      owner.key.packet,
      named,
      friend.revoke({ of: owner, created: EPOCH + DAY }),
      alice,
      owner.certify(alice),
    );
    const bob = userId('Bob');
    const host = await hostWith();
    await host.write('a.asc', revoked);
    const { problems } = await host.book.reloadLocal();
    expect(problems).toMatchObject([{ path: join(host.folder, 'a.asc') }]);
    expect(revocationIn(host.book.entry(owner.fingerprint))).toBeUndefined();
    await host.write('b.asc', keyring(friend.key.packet, bob, friend.certify(bob)));
    expect((await host.book.reloadLocal()).problems).toEqual([]);
    expect(revocationIn(host.book.entry(owner.fingerprint))?.hard).toBe(true);
  });

  it('counts for nothing when somebody else made it', async () => {
    const host = await hostWith();
    await host.write('alice.asc', ALICE.armored);
    const broken = Buffer.from(revocation.raw);
    broken.writeUInt8(broken.readUInt8(broken.length - 1) ^ 1, broken.length - 1);
    await host.write('revoke.gpg', broken);
    expect((await host.book.reloadLocal()).problems).toHaveLength(1);
    expect(revocationIn(host.book.entry(ALICE.fingerprint))).toBeUndefined();
  });
});

describe('a file that cannot be used', () => {
  it.each([
    ['garbage', 'no key at all', /./],
    ['a key that is cut off', ALICE.bytes.subarray(0, -20), /damaged/],
    ['a secret key', Buffer.concat([Buffer.of(0xc5), ALICE.bytes.subarray(1)]), /secret key/],
    ['nothing but a user ID', ALICE.packets[1]?.raw ?? '', /belongs to no key/],
  ])('holds up no other: %s', async (_, content, reason) => {
    const host = await hostWith();
    await host.write('a.asc', content);
    await host.write('b.asc', BOB.armored);
    const { problems } = await host.book.reloadLocal();
    expect(problems).toMatchObject([
      { path: join(host.folder, 'a.asc'), reason: expect.stringMatching(reason) as string },
    ]);
    expect(host.book.entry(BOB.fingerprint)?.local).toBe(true);
    await host.book.reloadLocal();
    expect(host.lines.filter(({ level }) => level === 'warn')).toHaveLength(1);
  });

  it('still gives the keys in front of where it is damaged', async () => {
    const host = await hostWith();
    await host.write('both.pgp', Buffer.concat([ALICE.bytes, BOB.bytes.subarray(0, -20)]));
    expect(await fingerprintsAfter(host)).toContain(ALICE.fingerprint);
  });

  it('is passed over when others may write it', async () => {
    const host = await hostWith();
    await host.write('alice.asc', ALICE.armored);
    for (const mode of [0o664, 0o646]) {
      await chmod(join(host.folder, 'alice.asc'), mode);
      expect(await fingerprintsAfter(host)).toEqual([]);
    }
    await chmod(join(host.folder, 'alice.asc'), 0o600);
    expect(await fingerprintsAfter(host)).toEqual([ALICE.fingerprint]);
  });

  it('is passed over when others may write its folder', async () => {
    const host = await hostWith();
    await host.write('alice.asc', ALICE.armored);
    await chmod(host.folder, 0o777);
    expect(await fingerprintsAfter(host)).toEqual([]);
  });

  it.skipIf(!isRoot)('is passed over when it belongs to another user (needs root)', async () => {
    const host = await hostWith();
    await host.write('alice.asc', ALICE.armored);
    await chown(join(host.folder, 'alice.asc'), 12_345, 12_345);
    const { problems } = await host.book.reloadLocal();
    expect(problems).toMatchObject([{ reason: expect.stringContaining('12345') as string }]);
    expect(host.book.entries()).toEqual([]);
  });

  it('is passed over when it is a folder, a pipe, or a link to nowhere, and nobody waits', async () => {
    const host = await hostWith();
    await mkdir(join(host.folder, 'folder.asc'));
    await symlink('/nowhere', join(host.folder, 'link.asc'));
    spawnSync('mkfifo', [join(host.folder, 'pipe.asc')]);
    await host.write('alice.asc', ALICE.armored);
    const { problems } = await host.book.reloadLocal();
    expect(problems).toHaveLength(3);
    expect(host.book.entry(ALICE.fingerprint)?.local).toBe(true);
  });

  it('KEYS_UNREADABLE: a folder that was named has to be there when the daemon starts', async () => {
    const host = await hostWith();
    const folders = [join(host.folder, 'typo')];
    await expect(host.restart({ sources: { folders, rings: [] } })).rejects.toMatchObject({
      code: 'KEYS_UNREADABLE',
    });
    await writeFile(join(host.folder, 'file'), '');
    const file = [join(host.folder, 'file')];
    await expect(host.restart({ sources: { folders: file, rings: [] } })).rejects.toMatchObject({
      code: 'KEYS_UNREADABLE',
    });
  });
});

it('STATE_UNUSABLE: a memory of keys that is damaged is not taken for an empty one', async () => {
  const host = await hostWith();
  await host.write('alice.asc', ALICE.armored);
  await host.book.reloadLocal();
  await host.db.table('keys').put(ALICE.fingerprint, { seen: 'AAAA', given: {} });
  await expect(host.restart()).rejects.toMatchObject({ code: 'STATE_UNUSABLE' });
  const bob = Buffer.from(BOB.bytes).toString('base64');
  await host.db.table('keys').put(ALICE.fingerprint, { seen: bob, given: {} });
  await expect(host.restart()).rejects.toMatchObject({ code: 'STATE_UNUSABLE' });
});
