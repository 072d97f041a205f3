import { describe, expect, it } from 'vitest';

import { readKeyring } from '../../src/openpgp/keyring.ts';
import { MAX_CERTIFICATES_PER_UPLOAD } from '../../src/openpgp/limits.ts';
import { framePacket } from '../../src/openpgp/packet.ts';
import type { Packet } from '../../src/openpgp/packet.ts';
import { keyring, makeCertificate, TestKey } from '../fixtures/test-key.ts';

const packet = (tag: number, body: number[] = [1, 2, 3]): Packet =>
  framePacket(tag, Buffer.from(body), { legacy: false, lengthOctets: 1 });

describe('readKeyring', () => {
  it('U7 finds every certificate of a keyring', () => {
    const bytes = Buffer.concat([1, 2, 3].map(() => makeCertificate().bytes));
    expect(readKeyring(bytes).certificates).toHaveLength(3);
  });

  it('U8 refuses more certificates than one upload may hold', () => {
    const { key } = new TestKey();
    const bytes = keyring(...Array.from({ length: MAX_CERTIFICATES_PER_UPLOAD + 1 }, () => key.packet));
    expect(() => readKeyring(bytes)).toThrow(expect.objectContaining({ code: 'UPLOAD_TOO_LARGE' }));
  });

  it('U9 finds nothing in marker and padding packets', () => {
    const found = readKeyring(keyring(packet(10), packet(21)));
    expect(found.certificates).toHaveLength(0);
    expect(found.revocations).toHaveLength(0);
  });

  it.each([1, 3, 4, 8, 9, 11, 18, 19, 20, 22, 39])(
    'U14 U15 refuses a packet of type %i, which no keyring holds, without looking into it',
    (tag) => {
      const bytes = keyring(...makeCertificate().packets, packet(tag));
      expect(() => readKeyring(bytes)).toThrow(expect.objectContaining({ code: 'UNEXPECTED_PACKET' }));
    },
  );

  it.each([10, 12, 21, 40, 60, 63])('U15 passes over a packet of type %i', (tag) => {
    const { packets } = makeCertificate();
    const [group] = readKeyring(keyring(...packets.flatMap((one) => [one, packet(tag)]))).certificates;
    expect(group?.userIds).toHaveLength(1);
    expect(group?.userIds[0]?.signatures).toHaveLength(1);
    expect(group?.subkeys[0]?.signatures).toHaveLength(1);
  });

  it.each([5, 7])(
    'U16 refuses the whole upload for one secret key packet of type %i, wherever it stands',
    (tag) => {
      const { packets, bytes } = makeCertificate();
      for (const at of [0, 1, packets.length]) {
        const spoiled = Buffer.concat([bytes, keyring(...packets.toSpliced(at, 0, packet(tag)))]);
        expect(() => readKeyring(spoiled)).toThrow(expect.objectContaining({ code: 'SECRET_KEY' }));
      }
    },
  );

  it('U35 counts packets that belong to no certificate', () => {
    const { key, packets, bytes } = makeCertificate();
    const strayed = packets.slice(1, 3);
    const found = readKeyring(Buffer.concat([keyring(...strayed), bytes]));
    expect(found.certificates).toHaveLength(1);
    expect(found.leftOut).toEqual([{ what: 'packet', why: 'belongs to no certificate', count: 2 }]);
    expect(key.fingerprint).toHaveLength(40);
  });

  it('U37 finds a key revocation that stands alone', () => {
    const { revocations, certificates, leftOut } = readKeyring(keyring(new TestKey().revoke()));
    expect(revocations).toHaveLength(1);
    expect(certificates).toHaveLength(0);
    expect(leftOut).toHaveLength(0);
  });

  it('does not take an unreadable or another signature that stands alone for a revocation', () => {
    const found = readKeyring(keyring(new TestKey().direct(), packet(2, [4, 0x20])));
    expect(found.revocations).toHaveLength(0);
    expect(found.leftOut[0]?.count).toBe(2);
  });
});
