import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { parseCertificate, serializeCertificate } from '../../src/openpgp/certificate.ts';
import type { Certificate } from '../../src/openpgp/certificate.ts';
import { mergeWithin } from '../../src/openpgp/fit.ts';
import { DEFAULT_CHECK_LIMITS } from '../../src/openpgp/limits.ts';
import { mergeCertificates } from '../../src/openpgp/merge.ts';
import { framePacket } from '../../src/openpgp/packet.ts';
import type { Packet } from '../../src/openpgp/packet.ts';
import { certificateState } from '../../src/openpgp/state.ts';
import {
  DAY,
  EPOCH,
  keyring,
  makeCertificate,
  sub,
  subpackets,
  TestKey,
  userId,
} from '../fixtures/test-key.ts';
import { checked } from './checked.ts';

const hex = (certificate: Certificate): string =>
  Buffer.from(serializeCertificate(certificate)).toString('hex');

/** The same packet with the other header formats that can hold it. */
function reframed(packet: Packet, form: number): Packet {
  const legacy = form % 2 === 1;
  const lengths = legacy ? [1, 2, 4] : [1, 2, 5];
  return framePacket(packet.tag, packet.body, { legacy, lengthOctets: lengths[form % 3] ?? 1 });
}

/** A rich certificate as pieces, each a component with one of its signatures (or none but the component). */
function pieces(version: 4 | 6): { key: TestKey; pieces: Packet[][] } {
  const key = new TestKey({ version });
  const [signing, encryption] = [
    new TestKey({ version, subkey: true }),
    new TestKey({ version, subkey: true, created: EPOCH + DAY }),
  ];
  const [alice, work] = [userId('Alice <alice@example.org>'), userId('Alice <alice@work.example>')];
  const issuer = sub(16, Buffer.from(key.key.keyId, 'hex'));
  const fingerprint = sub(33, [version, ...Buffer.from(key.fingerprint, 'hex')]);
  const variants = [[], [issuer], [fingerprint], [fingerprint, issuer]].map((unhashed) => [
    alice,
    key.certify(alice, { created: EPOCH + 3 * DAY, anonymous: true, unhashed }),
  ]);
  return {
    key,
    pieces: [
      [key.direct()],
      [key.direct({ created: EPOCH + DAY, hashed: [subpackets.keyExpires(1000 * DAY)] })],
      [alice, key.certify(alice)],
      ...variants,
      [work, key.certify(work, { created: EPOCH + DAY, hashed: [subpackets.primary()] })],
      [work, key.revokeUserId(work, { created: EPOCH + 2 * DAY })],
      [signing.key.packet, key.bind(signing)],
      [signing.key.packet, key.bind(signing, { backUnhashed: true, created: EPOCH + DAY })],
      [signing.key.packet, key.revokeSubkey(signing, { created: EPOCH + 2 * DAY })],
      [encryption.key.packet, key.bind(encryption, { flags: 0x0c })],
      [key.revoke({ created: EPOCH + 5 * DAY, hashed: [subpackets.reason(1, 'superseded')] })],
    ],
  };
}

const certificateOf = async (key: TestKey, parts: Packet[][], form = 0): Promise<Certificate> =>
  (await checked(keyring(...[key.key.packet, ...parts.flat()].map((one) => reframed(one, form)))))
    .certificate;

describe.each([4, 6] as const)('merging certificates of version %i', (version) => {
  it('U42 gives the same bytes for every order and division of the uploads', async () => {
    const made = pieces(version);
    const whole = await certificateOf(made.key, made.pieces);
    const expected = hex(await joinAll(made, [made.pieces.map((_, i) => i)], 0));
    expect(hex(whole)).toBe(expected);
    const indices = made.pieces.map((_, i) => i);
    await fc.assert(
      fc.asyncProperty(
        fc.shuffledSubarray(indices, { minLength: indices.length }),
        fc.array(fc.integer({ min: 1, max: 5 }), { minLength: 20, maxLength: 20 }),
        async (order, sizes) => {
          const uploads: number[][] = [];
          let rest = order;
          for (const size of sizes) {
            if (rest.length > 0) uploads.push(rest.slice(0, size));
            rest = rest.slice(size);
          }
          if (rest.length > 0) uploads.push(rest);
          expect(hex(await joinAll(made, uploads, 0))).toBe(expected);
        },
      ),
      { numRuns: 60 },
    );
  });

  it('U42 does not depend on the headers in which the packets came either', async () => {
    const made = pieces(version);
    const indices = made.pieces.map((_, i) => i);
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.tuple(fc.shuffledSubarray(indices, { minLength: 1 }), fc.nat(7)), {
          minLength: 2,
          maxLength: 5,
        }),
        async (uploads) => {
          const certificates = await Promise.all(
            uploads.map(([part, form]) =>
              certificateOf(
                made.key,
                part.map((i) => made.pieces[i] ?? []),
                form,
              ),
            ),
          );
          const forward = certificates.reduce(mergeCertificates);
          const backward = certificates.toReversed().reduce(mergeCertificates);
          expect(hex(backward)).toBe(hex(forward));
          for (const one of certificates) expect(hex(mergeCertificates(forward, one))).toBe(hex(forward));
        },
      ),
      { numRuns: 60 },
    );
  });

  it('U1 is idempotent, and stored bytes read back as what was stored', async () => {
    const made = pieces(version);
    const whole = await certificateOf(made.key, made.pieces);
    expect(hex(mergeCertificates(whole, whole))).toBe(hex(whole));
    expect(hex(parseCertificate(serializeCertificate(whole)))).toBe(hex(whole));
  });

  it('U41 keeps what an older copy lacks: newer signatures, revocations, user IDs', async () => {
    const made = pieces(version);
    const whole = await certificateOf(made.key, made.pieces);
    const old = await certificateOf(made.key, [made.pieces[2] ?? []]);
    expect(hex(mergeCertificates(whole, old))).toBe(hex(whole));
    expect(hex(mergeCertificates(old, whole))).toBe(hex(whole));
    expect(certificateState(whole, EPOCH + 10 * DAY)).toMatchObject({ revoked: true });
  });
});

async function joinAll(
  made: { key: TestKey; pieces: Packet[][] },
  uploads: number[][],
  form: number,
): Promise<Certificate> {
  let held: Certificate | undefined;
  for (const upload of uploads) {
    const offered = await certificateOf(
      made.key,
      upload.map((i) => made.pieces[i] ?? []),
      form,
    );
    held = held === undefined ? offered : mergeCertificates(held, offered);
  }
  if (held === undefined) throw new Error('nothing uploaded');
  return held;
}

describe('merging', () => {
  it('refuses certificates of different primary keys', async () => {
    const [a, b] = [await checked(makeCertificate().bytes), await checked(makeCertificate().bytes)];
    expect(() => mergeCertificates(a.certificate, b.certificate)).toThrow(
      expect.objectContaining({ code: 'BAD_CERTIFICATE' }),
    );
  });

  it('of bytes that are not exactly one certificate is not tried', () => {
    const { bytes } = makeCertificate();
    for (const bad of [
      Buffer.alloc(0),
      Buffer.concat([bytes, bytes]),
      Buffer.from(new TestKey().revoke().raw),
    ]) {
      expect(() => parseCertificate(bad)).toThrow(expect.objectContaining({ code: 'BAD_CERTIFICATE' }));
    }
  });
});

describe('merging within limits', () => {
  const limits = { ...DEFAULT_CHECK_LIMITS, userIds: 2 };

  it('U32 leaves the new parts out when there is no room, but never a revocation', async () => {
    const key = new TestKey();
    const [a, b, c] = [userId('A'), userId('B'), userId('C')];
    const held = (await checked(keyring(key.key.packet, a, key.certify(a), b, key.certify(b)))).certificate;
    const offered = (
      await checked(
        keyring(
          key.key.packet,
          key.revoke(),
          a,
          key.revokeUserId(a, { created: EPOCH + DAY }),
          c,
          key.certify(c),
        ),
      )
    ).certificate;
    const { certificate, leftOut } = mergeWithin(held, offered, limits);
    const state = certificateState(certificate, EPOCH + 2 * DAY);
    expect(state.revoked).toBe(true);
    expect(state.userIds.map(({ text, revoked }) => [text, revoked])).toEqual(
      expect.arrayContaining([
        ['A', true],
        ['B', false],
      ]),
    );
    expect(state.userIds).toHaveLength(2);
    expect(leftOut).toHaveLength(1);
  });

  it('gives up what others certified before what the owner did', async () => {
    const [key, other] = [new TestKey(), new TestKey()];
    const [a, b] = [userId('A'), userId('B')];
    const flood = Array.from({ length: 20 }, (_, i) => other.certify(a, { of: key, created: EPOCH + i }));
    const held = (await checked(keyring(key.key.packet, a, key.certify(a), ...flood), { thirdParty: 'keep' }))
      .certificate;
    const offered = (await checked(keyring(key.key.packet, b, key.certify(b)))).certificate;
    const small = { ...DEFAULT_CHECK_LIMITS, certificateOctets: serializeCertificate(held).length + 50 };
    const { certificate, leftOut } = mergeWithin(held, offered, small);
    expect(certificate.userIds).toHaveLength(2);
    expect(certificate.userIds[0]?.signatures).toHaveLength(1);
    expect(leftOut[0]).toMatchObject({ what: 'third-party certification' });
  });
});
