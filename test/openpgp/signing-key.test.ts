import { describe, expect, it } from 'vitest';

import type { Certificate } from '../../src/openpgp/certificate.ts';
import { framePacket, PUBLIC_SUBKEY } from '../../src/openpgp/packet.ts';
import type { Packet } from '../../src/openpgp/packet.ts';
import { signingKeys } from '../../src/openpgp/signing-key.ts';
import type { SignOptions } from '../fixtures/test-key.ts';
import { DAY, EPOCH, keyring, sub, subpackets, TestKey, userId } from '../fixtures/test-key.ts';
import { checked } from './checked.ts';
import { AT, certificateOf, CERTIFIES, SIGNS } from './signed-text.ts';

const key = new TestKey();
const subkey = new TestKey({ subkey: true });

const problems = (certificate: Certificate, at = AT): (string | undefined)[] =>
  signingKeys(certificate, at).map(({ problem }) => problem);

/** Of a primary key with these further packets. */
const ofPrimary = async (...more: Packet[]): Promise<(string | undefined)[]> =>
  problems(await certificateOf(key, { more }));

/** Of a subkey that is bound so, and what else is said of it. */
const ofSubkey = async (
  binding: SignOptions & { flags?: number } = {},
  ...more: Packet[]
): Promise<string | undefined> => {
  const bound = [subkey.key.packet, key.bind(subkey, binding), ...more];
  return problems(await certificateOf(key, { more: bound }))[1];
};

const REASONS = [0, 1, 2, 3, 32, 100];

describe('signingKeys of a primary key', () => {
  it('lets a key sign that its owner made for it', async () => {
    expect(signingKeys(await certificateOf(key), AT)).toEqual([{ key: key.key }]);
  });

  it.each(REASONS)(
    '7.5 refuses it after a revocation for the reason %i, before and after signing',
    async (code) => {
      const hashed = [subpackets.reason(code)];
      for (const created of [EPOCH, AT, AT + DAY]) {
        const certificate = await certificateOf(key);
        const revocation = (await checked(keyring(key.key.packet, key.revoke({ hashed, created }))))
          .certificate;
        const revoked = {
          ...certificate,
          primary: { ...certificate.primary, signatures: revocation.primary.signatures },
        };
        expect(problems(revoked)).toEqual(['KEY_REVOKED']);
      }
    },
  );

  it('7.5 counts a hard revocation that has expired, as Go, and not a soft one', async () => {
    const expired = subpackets.expires(1);
    const revokedFor = async (code: number): Promise<(string | undefined)[]> => {
      const revocation = key.revoke({ hashed: [subpackets.reason(code), expired] });
      const id = userId('Alice');
      const self = key.certify(id, { hashed: [subpackets.flags(SIGNS)] });
      return problems((await checked(keyring(key.key.packet, revocation, id, self))).certificate);
    };
    expect(await revokedFor(2)).toEqual(['KEY_REVOKED']);
    expect(await revokedFor(3)).toEqual([undefined]);
  });

  it('7.5 refuses it when it has expired now, whatever it signed before', async () => {
    const certificate = await certificateOf(key, { self: { hashed: [subpackets.keyExpires(DAY)] } });
    expect(problems(certificate, AT - 1)).toEqual([undefined]);
    expect(problems(certificate, AT)).toEqual(['KEY_EXPIRED']);
  });

  it('7.5 accepts it when its expiry was extended since', async () => {
    const id = userId('Alice <alice@example.org>');
    const renewed = key.certify(id, { created: EPOCH + 1, hashed: [subpackets.flags(SIGNS)] });
    const first = key.certify(id, { hashed: [subpackets.flags(SIGNS), subpackets.keyExpires(10)] });
    const { certificate } = await checked(keyring(key.key.packet, id, first, renewed));
    expect(problems(certificate)).toEqual([undefined]);
  });

  it('refuses it before it was made', async () => {
    expect(problems(await certificateOf(key), EPOCH - 1)).toEqual(['KEY_FROM_FUTURE']);
  });

  it('refuses it when its self-signature is from the future', async () => {
    const certificate = await certificateOf(key, { self: { created: AT + 1 } });
    expect(problems(certificate)).toEqual(['NO_SELF_SIGNATURE']);
  });

  it('refuses it when all user IDs are revoked, as Go, and not when one is left', async () => {
    const [one, two] = [userId('one'), userId('two')];
    const hashed = [subpackets.flags(SIGNS)];
    const packets = [
      key.key.packet,
      one,
      key.certify(one, { hashed }),
      key.revokeUserId(one),
      two,
      key.certify(two, { hashed }),
    ];
    expect(problems((await checked(keyring(...packets))).certificate)).toEqual([undefined]);
    const all = keyring(...packets, key.revokeUserId(two));
    expect(problems((await checked(all)).certificate)).toEqual(['USER_ID_REVOKED']);
  });

  it('refuses it when its user IDs have expired', async () => {
    const certificate = await certificateOf(key, { self: { hashed: [subpackets.expires(DAY)] } });
    expect(problems(certificate)).toEqual(['KEY_EXPIRED']);
  });

  it('7.5 refuses it without the flag for signing, and accepts it without any flags, as Go', async () => {
    expect(problems(await certificateOf(key, { flags: CERTIFIES }))).toEqual(['NOT_A_SIGNING_KEY']);
    const id = userId('no flags');
    const { certificate } = await checked(keyring(key.key.packet, id, key.certify(id)));
    expect(problems(certificate)).toEqual([undefined]);
  });

  it('takes flags from the direct-key signature when the user ID has none, or there is no user ID', async () => {
    const direct = key.direct({ hashed: [subpackets.flags(CERTIFIES)] });
    const id = userId('no flags');
    const named = await checked(keyring(key.key.packet, direct, id, key.certify(id)));
    expect(problems(named.certificate)).toEqual(['NOT_A_SIGNING_KEY']);
    const bare = await checked(keyring(key.key.packet, key.direct({ hashed: [subpackets.flags(SIGNS)] })));
    expect(problems(bare.certificate)).toEqual([undefined]);
    const expired = [subpackets.flags(SIGNS), subpackets.expires(1)];
    const over = await checked(keyring(key.key.packet, key.direct({ hashed: expired })));
    expect(problems(over.certificate)).toEqual(['NO_SELF_SIGNATURE']);
  });

  it('takes the flags of a version 6 key from its direct-key signature alone', async () => {
    const six = new TestKey({ version: 6 });
    const id = userId('six');
    const ofFlags = async (flags: number): Promise<(string | undefined)[]> => {
      const direct = six.direct({ hashed: [subpackets.flags(flags)] });
      const self = six.certify(id, { hashed: [subpackets.flags(SIGNS)] });
      return problems((await checked(keyring(six.key.packet, direct, id, self))).certificate);
    };
    expect(await ofFlags(SIGNS)).toEqual([undefined]);
    expect(await ofFlags(CERTIFIES)).toEqual(['NOT_A_SIGNING_KEY']);
  });

  it('refuses every key of a revoked certificate', async () => {
    const bound = [subkey.key.packet, key.bind(subkey)];
    expect(await ofPrimary(...bound, key.revoke())).toEqual(['KEY_REVOKED', 'KEY_REVOKED']);
  });
});

describe('signingKeys of a subkey', () => {
  it('7.5 lets a bound subkey with the flag for signing sign', async () => {
    expect(await ofSubkey()).toBeUndefined();
  });

  it.each(REASONS)('7.5 refuses it after a revocation for the reason %i, whatever its date', async (code) => {
    const hashed = [subpackets.reason(code)];
    for (const created of [EPOCH, AT + DAY]) {
      expect(await ofSubkey({}, key.revokeSubkey(subkey, { hashed, created }))).toBe('KEY_REVOKED');
    }
  });

  it('7.5 refuses it when it or its binding has expired', async () => {
    expect(await ofSubkey({ hashed: [subpackets.keyExpires(DAY)] })).toBe('KEY_EXPIRED');
    expect(await ofSubkey({ hashed: [subpackets.expires(DAY)] })).toBe('KEY_EXPIRED');
    expect(await ofSubkey({ hashed: [subpackets.keyExpires(DAY + 1)] })).toBeUndefined();
  });

  it('7.5 refuses it without the flag for signing', async () => {
    expect(await ofSubkey({ flags: 0x0c })).toBe('NOT_A_SIGNING_KEY');
  });

  it('refuses it before it was made, and when its binding is from the future', async () => {
    const late = new TestKey({ subkey: true, created: AT + 1 });
    const certificate = await certificateOf(key, { more: [late.key.packet, key.bind(late)] });
    expect(problems(certificate)).toEqual([undefined, 'KEY_FROM_FUTURE']);
    expect(await ofSubkey({ created: AT + 1 })).toBe('NOT_A_SIGNING_KEY');
  });

  it('refuses an algorithm that cannot sign, whatever the flags say', async () => {
    // X25519 (25): the binding's back-signature cannot be made, so it is looked at as if checking had let it pass.
    const body = Buffer.concat([Buffer.of(4, 0x65, 0x92, 0, 0x80, 25), Buffer.alloc(32, 9)]);
    const cannot = framePacket(PUBLIC_SUBKEY, body, { legacy: false, lengthOctets: 1 });
    const certificate = await certificateOf(key, { more: [subkey.key.packet, key.bind(subkey)] });
    const [bound] = certificate.subkeys;
    if (bound === undefined) throw new Error('the subkey is missing');
    const algorithm = { number: 25, name: 'X25519', bits: 256 };
    const altered = { ...bound, key: { ...bound.key, packet: cannot, algorithm } };
    expect(problems({ ...certificate, subkeys: [altered] })).toEqual([undefined, 'NOT_A_SIGNING_KEY']);
    const primary = { ...certificate.primary, key: { ...certificate.primary.key, algorithm } };
    expect(problems({ ...certificate, primary })[0]).toBe('NOT_A_SIGNING_KEY');
  });

  it('does not take a revocation by somebody else for the owner\u2019s', async () => {
    const stranger = new TestKey();
    const revocation = stranger.sign(0x28, Buffer.from('x'), { hashed: [sub(29, [0])] });
    expect(await ofSubkey({}, revocation)).toBeUndefined();
  });
});
