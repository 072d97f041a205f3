import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { armor } from '../../../src/openpgp/armor.ts';
import { parseCertificate } from '../../../src/openpgp/certificate.ts';
import { framePacket } from '../../../src/openpgp/packet.ts';
import { certificateState } from '../../../src/openpgp/state.ts';
import { EPOCH, keyring, makeCertificate, TestKey, userId } from '../../fixtures/test-key.ts';
import { inTempFolder } from '../vouch.ts';
import { codes, dump, load } from './load-and-dump.ts';

const named = (name: string): ReturnType<typeof makeCertificate> =>
  makeCertificate([`${name} <${name}@example.org>`]);

/** A certificate drowned in certifications by others (CVE-2019-13050). */
function poisoned(count: number): Uint8Array {
  const { key, packets } = named('flooded');
  const vandal = new TestKey();
  const uid = packets[1];
  if (uid === undefined) throw new Error('a certificate without a user ID');
  const certification = vandal.certify(uid, { type: 0x10, of: key });
  return keyring(
    ...packets.slice(0, 3),
    ...Array.from({ length: count }, () => certification),
    ...packets.slice(3),
  );
}

/** A user ID that its key never signed, as anybody could add one to a key on SKS. */
function unverifiable(): Uint8Array {
  const key = new TestKey();
  const uid = userId('Mallory <mallory@example.org>');
  return keyring(key.key.packet, uid, key.certify(uid, { broken: true }));
}

/** Packets of a photograph, and of a key of version 3, which SKS still has. */
const photo = framePacket(17, Uint8Array.of(4, 1, 2, 3, 4), { legacy: false, lengthOctets: 1 });
const version3 = Buffer.from('99000d03387a7a7a000001000800ff000103'.slice(0, 32), 'hex');

describe('vouch keystore load: dumps of other key servers', () => {
  it('loads a folder of SKS: several files, poisoned, unverifiable and old keys among good ones', async () => {
    await inTempFolder(async (folder) => {
      const dumps = join(folder, 'sks-dump');
      await mkdir(dumps);
      const [one, two, three] = [named('one'), named('two'), named('three')];
      const withPhoto = keyring(...two.packets.slice(0, 3), photo, ...two.packets.slice(3));
      await writeFile(join(dumps, 'metadata-sks-dump.txt'), '#Metadata-for: keys.example.org\n');
      await writeFile(
        join(dumps, 'sks-dump-0000.pgp'),
        Buffer.concat([one.bytes, unverifiable(), withPhoto]),
      );
      await writeFile(
        join(dumps, 'sks-dump-0001.pgp'),
        Buffer.concat([poisoned(3000), version3, three.bytes]),
      );
      const report = await load(folder, [dumps]);
      expect(report).toMatchObject({ code: 0, complete: true, files: 2, inserted: 4 });
      expect(Object.values(codes(report)).reduce((sum, count) => sum + count, 0)).toBe(2);
      // What was added by strangers is not there.
      expect((await dump(folder)).length).toBeLessThan(5000);
      expect(await load(folder, [dumps])).toMatchObject({ inserted: 0, updated: 0, unchanged: 4 });
    });
  });

  it('loads a folder of Hockeypuck, a key in two files is one', async () => {
    await inTempFolder(async (folder) => {
      const dumps = join(folder, 'import');
      await mkdir(dumps);
      const { key, packets, bytes } = named('one');
      const uid = userId('One More <more@example.org>');
      const more = keyring(...packets.slice(0, 3), uid, key.certify(uid), ...packets.slice(3));
      await writeFile(join(dumps, 'hkp-dump-0000.pgp'), bytes);
      await writeFile(join(dumps, 'hkp-dump-0001.pgp'), Buffer.concat([more, named('two').bytes]));
      const report = await load(folder, [dumps]);
      expect(report).toMatchObject({ files: 2, inserted: 2, updated: 1, refused: [] });
      expect((await dump(folder)).includes('more@example.org')).toBe(true);
    });
  });

  it.each(['files', 'standard input'])(
    'takes a bare revocation that comes before its certificate, from %s',
    async (from) => {
      await inTempFolder(async (folder) => {
        const { key, armored } = named('one');
        const revocation = armor(key.revoke().raw);
        const first = join(folder, '0-revocations.asc');
        const second = join(folder, '1-keys.asc');
        await writeFile(first, revocation);
        await writeFile(second, armored);
        const report = await (from === 'files'
          ? load(folder, [first, second])
          : load(folder, ['-'], Buffer.from(revocation + armored)));
        expect(report).toMatchObject({ code: 0, inserted: 1, updated: 1, refused: [] });
        expect(certificateState(parseCertificate(await dump(folder)), EPOCH).revoked).toBe(true);
        expect(await load(folder, [first, second])).toMatchObject({ unchanged: 2, refused: [] });
      });
    },
  );

  it('refuses one whose certificate is nowhere', async () => {
    await inTempFolder(async (folder) => {
      const ring = join(folder, 'ring.asc');
      await writeFile(ring, armor(new TestKey().revoke().raw) + named('one').armored);
      const report = await load(folder, [ring]);
      expect(report).toMatchObject({ code: 0, inserted: 1 });
      expect(codes(report)).toEqual({ REVOCATION_WITHOUT_CERTIFICATE: 1 });
    });
  });
});
