import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { parseCertificate } from '../../src/openpgp/certificate.ts';
import type { Packet } from '../../src/openpgp/packet.ts';
import { certificateState } from '../../src/openpgp/state.ts';
import { stateEnd } from '../../src/openpgp/state-end.ts';
import { DAY, EPOCH, keyring, subpackets, TestKey, userId } from '../fixtures/test-key.ts';

const ALICE = userId('Alice <alice@example.org>');
const BOB = userId('Bob');
const day = (days: number): number => EPOCH + days * DAY;

const key = new TestKey();
const subkey = new TestKey({ subkey: true, created: day(2) });

/** When it is made, and how many days it lasts and says that the key does; 0 that it says nothing. */
interface Signing {
  readonly created: number;
  readonly lasts: number;
  readonly lifetime: number;
}

const options = ({ created, lasts, lifetime }: Signing): { created: number; hashed: Uint8Array[] } => ({
  created: day(created),
  hashed: [
    ...(lasts > 0 ? [subpackets.expires(lasts * DAY)] : []),
    ...(lifetime > 0 ? [subpackets.keyExpires(lifetime * DAY)] : []),
  ],
});

const soft = subpackets.reason(1);
const MAKERS: readonly ((signing: Signing) => readonly [part: number, packet: Packet])[] = [
  (signing) => [0, key.direct(options(signing))],
  (signing) => {
    const { created, hashed } = options(signing);
    return [0, key.revoke({ created, hashed: [...hashed, soft] })];
  },
  (signing) => [1, key.certify(ALICE, options(signing))],
  (signing) => [1, key.revokeUserId(ALICE, options(signing))],
  (signing) => [2, key.certify(BOB, options(signing))],
  (signing) => [3, key.bind(subkey, { ...options(signing), flags: 0x0c })],
  (signing) => [3, key.revokeSubkey(subkey, options(signing))],
];

const signing = fc.record({
  made: fc.constantFrom(...MAKERS),
  created: fc.integer({ min: 0, max: 12 }),
  lasts: fc.integer({ min: 0, max: 8 }),
  lifetime: fc.integer({ min: 0, max: 8 }),
});

/** A certificate with these signatures, each beside its part. */
function certificateOf(signatures: readonly (readonly [part: number, packet: Packet])[]) {
  const of = (part: number): Packet[] => signatures.filter(([its]) => its === part).map(([, made]) => made);
  return parseCertificate(
    keyring(key.key.packet, ...of(0), ALICE, ...of(1), BOB, ...of(2), subkey.key.packet, ...of(3)),
  );
}

describe('the end of a state', () => {
  it('is never where nothing that the certificate says has an end', () => {
    const certificate = certificateOf([[1, key.certify(ALICE)]]);
    expect(stateEnd(certificate, day(1))).toBe(Infinity);
  });

  it.each([
    ['the key expires', [1, key.certify(ALICE, { hashed: [subpackets.keyExpires(5 * DAY)] })], 5],
    ['a certification ends', [1, key.certify(ALICE, { hashed: [subpackets.expires(4 * DAY)] })], 4],
    ['a signature of the future begins to count', [1, key.certify(ALICE, { created: day(3) })], 3],
    // Counted from the creation of the subkey, which is on the second day.
    ['a subkey expires', [3, key.bind(subkey, { flags: 0x0c, hashed: [subpackets.keyExpires(5 * DAY)] })], 7],
  ] as const)('is when %s', (_, signature, days) => {
    expect(stateEnd(certificateOf([signature]), day(1))).toBe(day(days));
    expect(stateEnd(certificateOf([signature]), day(days))).toBe(Infinity);
  });

  it('is not after the first moment at which the state is another', () => {
    fc.assert(
      fc.property(fc.array(signing, { maxLength: 8 }), fc.integer({ min: 0, max: 20 }), (made, start) => {
        const certificate = certificateOf(made.map(({ made: make, ...its }) => make(its)));
        const end = stateEnd(certificate, day(start));
        const state = certificateState(certificate, day(start));
        for (let moment = day(start); moment < Math.min(end, day(40)); moment += DAY) {
          expect(certificateState(certificate, moment)).toEqual(state);
          expect(certificateState(certificate, moment + DAY - 1)).toEqual(state);
        }
      }),
    );
  });
});
