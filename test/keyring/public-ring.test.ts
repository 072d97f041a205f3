import { chmod, mkdir, readFile, readdir, stat, symlink, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { certificateState } from '../../src/openpgp/state.ts';
import { DAY, EPOCH, keyring, makeCertificate, TestKey, userId } from '../fixtures/test-key.ts';
import { framePacket, USER_ATTRIBUTE } from '../../src/openpgp/packet.ts';
import { checked, publicRing } from './rings.ts';

const NOW = EPOCH + 2 * DAY;

async function holding(...parts: Uint8Array[]): ReturnType<typeof publicRing> {
  const test = await publicRing();
  await mkdir(test.folder, { mode: 0o700 });
  await writeFile(test.path, Buffer.concat(parts), { mode: 0o600 });
  return test;
}

describe('a public keyring', () => {
  it('is empty when there is no file, and reading makes none', async () => {
    const { ring, folder } = await publicRing();
    expect(await ring.read()).toEqual({ certificates: [], problems: [] });
    await expect(stat(folder)).rejects.toThrow('ENOENT');
  });

  it('CVE-2019-19724: is made with a folder and a file of this user alone', async () => {
    const { ring, folder, path } = await publicRing();
    await ring.add([await checked(makeCertificate().bytes)]);
    expect((await stat(folder)).mode & 0o777).toBe(0o700);
    expect((await stat(path)).mode & 0o777).toBe(0o600);
  });

  it('can be read by everybody when it is the global one', async () => {
    const { ring, path } = await publicRing({ confined: false });
    await ring.add([await checked(makeCertificate().bytes)]);
    expect((await stat(path)).mode & 0o777).toBe(0o644);
  });

  it('gets its modes back, and says so as Singularity does', async () => {
    const { ring, folder, path, warnings } = await holding(makeCertificate().bytes);
    await chmod(folder, 0o755);
    await chmod(path, 0o644);
    await ring.read();
    expect((await stat(folder)).mode & 0o777).toBe(0o700);
    expect((await stat(path)).mode & 0o777).toBe(0o600);
    expect(warnings[0]).toBe(`Directory mode (755) on ${folder} needs to be 700, fixing that...`);
  });

  it('keeps the octets of all other keys when one is added, updated or removed', async () => {
    const [a, b, c] = [makeCertificate(['A <a@x.org>']), makeCertificate(['B']), makeCertificate(['C'])];
    // Trust packets, a photograph and a stranger's certification: what a check would not let pass.
    const odd = Buffer.concat([
      a.bytes.subarray(0, a.bytes.length),
      framePacket(USER_ATTRIBUTE, Buffer.from('0501', 'hex'), { legacy: false, lengthOctets: 1 }).raw,
    ]);
    const { ring, path } = await holding(odd, b.bytes);
    await ring.add([await checked(c.bytes)]);
    expect(await readFile(path)).toEqual(
      Buffer.concat([odd, b.bytes, (await readFile(path)).subarray(-c.bytes.length)]),
    );
    await ring.remove(c.fingerprint);
    expect(await readFile(path)).toEqual(Buffer.concat([odd, b.bytes]));
    await ring.remove(b.fingerprint);
    expect(await readFile(path)).toEqual(odd);
  });

  it('takes a revocation over into a key it holds, beside everything that stands there', async () => {
    const { key, packets, bytes, fingerprint } = makeCertificate();
    const stranger = new TestKey();
    const identity = packets[1];
    if (identity === undefined) throw new Error('no user ID');
    const flooded = keyring(
      ...packets.slice(0, 3),
      stranger.certify(identity, { of: key }),
      ...packets.slice(3),
    );
    const { ring, path } = await holding(flooded);
    const revoked = keyring(
      ...packets.slice(0, 1),
      key.revoke({ created: EPOCH + DAY }),
      ...packets.slice(1),
    );
    expect(await ring.add([await checked(revoked)])).toEqual([{ fingerprint, outcome: 'updated' }]);
    const after = await readFile(path);
    expect(after.length).toBe(flooded.length + revoked.length - bytes.length);
    expect(after.includes(Buffer.from(stranger.key.keyId, 'hex'))).toBe(true);
    const [held] = (await ring.read()).certificates;
    expect(held && certificateState(held, NOW).revoked).toBe(true);
    // And an older copy does not take it back.
    expect(await ring.add([await checked(bytes)])).toEqual([{ fingerprint, outcome: 'unchanged' }]);
    expect(await readFile(path)).toEqual(after);
  });

  it('gets new user IDs before the subkeys and new subkeys at the end', async () => {
    const { key, packets, bytes } = makeCertificate();
    const [more, subkey] = [userId('Alice at work <alice@work.example>'), new TestKey({ subkey: true })];
    const grown = keyring(...packets, subkey.key.packet, key.bind(subkey));
    const both = keyring(...packets.slice(0, 3), more, key.certify(more), ...packets.slice(3));
    const { ring } = await holding(bytes);
    await ring.add([await checked(grown), await checked(both)]);
    const [held] = (await ring.read()).certificates;
    expect(held?.userIds).toHaveLength(2);
    expect(held?.subkeys).toHaveLength(2);
  });

  it('updates every copy of a key that stands in it twice, and shows it once', async () => {
    const { key, packets, bytes } = makeCertificate();
    const { ring, path } = await holding(bytes, bytes);
    const revoked = keyring(...packets.slice(0, 1), key.revoke(), ...packets.slice(1));
    await ring.add([await checked(revoked)]);
    expect((await readFile(path)).length).toBe(2 * revoked.length);
    expect((await ring.read()).certificates).toHaveLength(1);
    expect(await ring.remove(key.fingerprint)).toBe(true);
    expect((await readFile(path)).length).toBe(0);
  });

  it('7.5 keeps what it cannot use, reports where it is, and puts new keys where it does not hide them', async () => {
    const [good, unsigned, added] = [makeCertificate(), makeCertificate(), makeCertificate()];
    const bare = keyring(...unsigned.packets.slice(0, 2));
    const cut = makeCertificate().bytes.subarray(0, 40);
    const { ring, path } = await holding(good.bytes, bare, cut);
    const { certificates, problems } = await ring.read();
    expect(certificates.map(({ primary }) => primary.key.fingerprint)).toEqual([good.fingerprint]);
    expect(problems).toEqual([
      expect.objectContaining({
        offset: good.bytes.length,
        octets: bare.length,
        fingerprint: unsigned.fingerprint,
      }),
      expect.objectContaining({ offset: good.bytes.length + bare.length, octets: cut.length }),
    ]);
    await ring.add([await checked(added.bytes)]);
    const after = await readFile(path);
    expect(after.subarray(0, good.bytes.length + bare.length)).toEqual(Buffer.concat([good.bytes, bare]));
    expect(after.subarray(-cut.length)).toEqual(Buffer.from(cut));
    expect((await ring.read()).certificates).toHaveLength(2);
    // Also what cannot be used can be taken out by its name.
    expect(await ring.remove(unsigned.fingerprint)).toBe(true);
  });

  it('7.5 uses no secret key that stands in it, says so, and leaves it there', async () => {
    const [good, lost] = [makeCertificate(), makeCertificate()];
    const body = Buffer.concat([lost.key.key.packet.body, Buffer.alloc(40)]);
    const secret = framePacket(5, body, { legacy: false, lengthOctets: 1 });
    const octets = Buffer.concat([good.bytes, secret.raw, keyring(...lost.packets.slice(1))]);
    const { ring, path } = await holding(octets);
    const { certificates, problems } = await ring.read();
    expect(certificates.map(({ primary }) => primary.key.fingerprint)).toEqual([good.fingerprint]);
    expect(problems).toHaveLength(1);
    expect(await readFile(path)).toEqual(octets);
  });

  it('stays a symbolic link when it is one', async () => {
    const { ring, folder, path } = await publicRing();
    const elsewhere = join(dirname(folder), 'elsewhere');
    await mkdir(folder, { mode: 0o700 });
    await mkdir(elsewhere);
    await writeFile(join(elsewhere, 'ring'), '');
    await symlink(join(elsewhere, 'ring'), path);
    const { bytes } = makeCertificate();
    await ring.add([await checked(bytes)]);
    expect((await readFile(join(elsewhere, 'ring'))).length).toBe(bytes.length);
  });

  it('loses nothing when many add at once, nor when another program appends without a lock', async () => {
    const { ring, path, folder } = await publicRing();
    const all = await Promise.all(
      Array.from({ length: 12 }, (_, i) => checked(makeCertificate([`Signer ${i}`]).bytes)),
    );
    await Promise.all(all.map((one) => ring.add([one])));
    expect((await ring.read()).certificates).toHaveLength(12);
    expect(await readdir(folder)).toEqual(['pgp-public']);
    const appended = makeCertificate(['Appended']);
    const adding = ring.add([await checked(makeCertificate(['Last']).bytes)]);
    await writeFile(path, appended.bytes, { flag: 'a' });
    await adding;
    expect((await ring.read()).certificates).toHaveLength(14);
  });

  it('removes what killed commands left beside it, and nothing else', async () => {
    const { ring, folder } = await holding(makeCertificate().bytes);
    const leftover = `.vouch-new.pgp-public.${'0'.repeat(16)}`;
    await writeFile(join(folder, leftover), 'half a key');
    await writeFile(join(folder, '.vouch-new.txt'), 'mine');
    await ring.add([await checked(makeCertificate().bytes)]);
    expect(await readdir(folder)).toEqual(['.vouch-new.txt', 'pgp-public']);
  });

  it('refuses a file that is larger than any keyring before it reads it', async () => {
    const { ring, path } = await holding();
    const { truncate } = await import('node:fs/promises');
    await truncate(path, 65 * 1024 * 1024);
    await expect(ring.read()).rejects.toMatchObject({ code: 'TOO_LARGE' });
    await expect(ring.add([await checked(makeCertificate().bytes)])).rejects.toMatchObject({
      code: 'TOO_LARGE',
    });
  });

  it('reads any octets without a fault and gives every one of them back', async () => {
    const { bytes } = makeCertificate();
    const extra = await checked(makeCertificate().bytes);
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 0, max: bytes.length }),
        fc.array(fc.tuple(fc.nat({ max: bytes.length - 1 }), fc.nat({ max: 255 })), { maxLength: 3 }),
        async (length, changes) => {
          const damaged = Buffer.from(bytes);
          for (const [at, octet] of changes) damaged[at] = octet;
          const { ring, path } = await holding(damaged.subarray(0, length));
          await ring.read();
          const [addition] = await ring.add([extra]);
          expect(addition?.outcome).toBe('added');
          await ring.remove(extra.primary.key.fingerprint);
          expect(await readFile(path)).toEqual(damaged.subarray(0, length));
        },
      ),
      { numRuns: 40 },
    );
  });
});
