import { describe, expect, it } from 'vitest';

import { framePacket } from '../../src/openpgp/packet.ts';
import type { Packet } from '../../src/openpgp/packet.ts';
import { certificateState } from '../../src/openpgp/state.ts';
import { subkeySubject } from '../../src/openpgp/subject.ts';
import { sub, subpackets, TestKey } from '../fixtures/test-key.ts';
import { checked, NOW, withIdentity } from './checked.ts';

describe('subkeys', () => {
  it('U33 F11 without a binding by this primary key are dropped', async () => {
    const [key, thief, subkey] = [new TestKey(), new TestKey(), new TestKey({ subkey: true })];
    for (const bytes of [
      withIdentity(key, subkey.key.packet),
      withIdentity(key, subkey.key.packet, thief.bind(subkey)),
      withIdentity(key, subkey.key.packet, key.bind(subkey, { broken: true })),
    ]) {
      const { certificate, leftOut } = await checked(bytes);
      expect(certificate.subkeys).toHaveLength(0);
      expect(leftOut).toContainEqual(expect.objectContaining({ what: 'subkey', count: 1 }));
    }
  });

  it('U33 that can sign are dropped when they do not sign back', async () => {
    const [key, subkey] = [new TestKey(), new TestKey({ subkey: true })];
    const other = new TestKey();
    const stolen = key.bind(subkey, { back: false });
    const wrongBack = key.bind(subkey, {
      back: false,
      hashed: [subpackets.embedded(other.signatureBody(0x19, Buffer.from('else')))],
    });
    const unreadable = key.bind(subkey, {
      back: false,
      unhashed: [sub(16, Buffer.from(key.key.keyId, 'hex')), subpackets.embedded(Buffer.of(4))],
    });
    for (const binding of [stolen, wrongBack, unreadable]) {
      const { certificate, leftOut } = await checked(withIdentity(key, subkey.key.packet, binding));
      expect(certificate.subkeys).toHaveLength(0);
      expect(leftOut).toContainEqual(expect.objectContaining({ what: 'subkey binding' }));
    }
  });

  it('U33 that have no key flags but can only sign must sign back as well', async () => {
    const [key, subkey] = [new TestKey(), new TestKey({ subkey: true })];
    const flagless = key.sign(0x18, subkeySubject(key.key, subkey.key));
    expect((await checked(withIdentity(key, subkey.key.packet, flagless))).certificate.subkeys).toHaveLength(
      0,
    );
  });

  it('U34 bound to two primary keys belong to each that they have signed back to', async () => {
    const [one, two, subkey] = [new TestKey(), new TestKey(), new TestKey({ subkey: true })];
    for (const key of [one, two]) {
      const { certificate } = await checked(withIdentity(key, subkey.key.packet, key.bind(subkey)));
      expect(certificate.subkeys).toHaveLength(1);
    }
  });

  it('U44 of unknown algorithms are kept under a valid binding, unless they could sign', async () => {
    const key = new TestKey();
    const pqc = framePacket(14, Buffer.concat([Buffer.of(4, 0x65, 0x92, 0, 0, 35), Buffer.alloc(1216, 9)]), {
      legacy: false,
      lengthOctets: 1,
    });
    const { certificate } = await checked(
      withIdentity(key, pqc, key.bind(subkeyOf(pqc), { flags: 0x0c, back: false })),
    );
    expect(certificate.subkeys[0]?.key.algorithm).toMatchObject({ number: 35, name: 'ML-KEM-768+X25519' });
    const signing = await checked(
      withIdentity(key, pqc, key.bind(subkeyOf(pqc), { flags: 0x02, back: false })),
    );
    expect(signing.certificate.subkeys).toHaveLength(0);
  });

  it('U44 of a version that does not go with the primary key, or unreadable, are dropped', async () => {
    const key = new TestKey();
    const six = new TestKey({ version: 6, subkey: true });
    const three = framePacket(14, Buffer.of(3, 0, 0, 0, 0, 0, 0, 1), { legacy: false, lengthOctets: 1 });
    const cut = framePacket(14, Buffer.of(4, 0, 0), { legacy: false, lengthOctets: 1 });
    const { certificate, leftOut } = await checked(
      withIdentity(key, six.key.packet, key.bind(six, { flags: 0x0c, back: false }), three, cut),
    );
    expect(certificate.subkeys).toHaveLength(0);
    expect(leftOut.map(({ why }) => why)).toEqual([
      'of version 6 under a primary key of version 4',
      'a key of version 3',
      'cannot be read',
    ]);
  });

  it('keep a revocation that comes without its binding, so that no order of uploads loses it', async () => {
    const [key, subkey] = [new TestKey(), new TestKey({ subkey: true })];
    const bytes = withIdentity(key, subkey.key.packet, key.revokeSubkey(subkey));
    const { certificate } = await checked(bytes);
    expect(certificate.subkeys).toHaveLength(1);
    expect(certificateState(certificate, NOW).subkeys).toHaveLength(0);
  });
});

/** A stand-in whose key packet is the given one. */
function subkeyOf(packet: Packet): TestKey {
  const key = new TestKey({ subkey: true });
  return Object.defineProperty(key, 'key', { value: { ...key.key, packet } });
}
