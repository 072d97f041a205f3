/* A specimen taken apart, changed, and put together again. */
import fc from 'fast-check';

import { digest } from '../../src/openpgp/hash-algorithm.ts';
import { framePacket, PUBLIC_KEY, SIGNATURE } from '../../src/openpgp/packet.ts';
import { readPublicKey } from '../../src/openpgp/public-key.ts';
import { readSignature } from '../../src/openpgp/signature.ts';
import { hashInput } from '../../src/openpgp/subject.ts';
import { uint } from './any-signer.ts';
import { sub } from '../fixtures/test-key.ts';
import { tryTo } from './specimens.ts';
import type { Specimen } from './specimens.ts';

const FRAMING = { legacy: false, lengthOctets: 1 };

/** Parts of a specimen that are octets. `material` is the signature proper. */
const PARTS = ['hashedPart', 'salt', 'material', 'key', 'subject'] as const;
type Part = (typeof PARTS)[number];

type Octets = Record<Part, Buffer>;

export type Change = (draft: Octets, other: Octets) => void;

function takeApart({ signature, key, subject }: Specimen): Octets {
  const { version, tail } = signature;
  const salt = version === 6 ? 1 + (tail[2] ?? 0) : 0;
  return {
    hashedPart: Buffer.from(signature.hashedPart),
    salt: Buffer.from(tail.subarray(2, 2 + salt)),
    material: Buffer.from(tail.subarray(2 + salt)),
    key: Buffer.from(key.packet.body),
    subject: Buffer.from(subject),
  };
}

/**
 * The specimen with all changes applied; its digest prefix is made to fit unless `prefix` is given. Undefined
 * when key or signature cannot be read any more.
 */
export function changed(
  specimen: Specimen,
  other: Specimen,
  changes: readonly Change[],
  prefix?: Uint8Array,
): Specimen | undefined {
  const draft = takeApart(specimen);
  const otherDraft = takeApart(other);
  for (const change of changes) change(draft, otherDraft);
  const rebuilt = tryTo(() => {
    const key = readPublicKey(framePacket(PUBLIC_KEY, draft.key, FRAMING));
    const signed = (left16: Uint8Array): Specimen['signature'] => {
      const width = draft.hashedPart[0] === 6 ? 4 : 2;
      const body = Buffer.concat([draft.hashedPart, uint(0, width), left16, draft.salt, draft.material]);
      return readSignature(framePacket(SIGNATURE, body, FRAMING));
    };
    const first = signed(prefix ?? Buffer.of(0, 0));
    const fitting = prefix ?? digest(first.hash, hashInput(first, draft.subject))?.subarray(0, 2);
    return { key, signature: fitting === undefined ? first : signed(fitting) };
  });
  return rebuilt && { name: specimen.name, subject: draft.subject, ...rebuilt };
}

/** Integers of a material, its MPIs, written as `write` says; what is no sequence of them stays. */
function rewriteIntegers(octets: Buffer, write: (value: bigint, index: number) => Buffer): Buffer {
  const written: Buffer[] = [];
  for (let at = 0, index = 0; at < octets.length; index += 1) {
    if (at + 2 > octets.length) return octets;
    const end = at + 2 + Math.ceil(octets.readUInt16BE(at) / 8);
    if (end > octets.length) return octets;
    written.push(write(BigInt(`0x0${octets.toString('hex', at + 2, end)}`), index));
    at = end;
  }
  return Buffer.concat(written);
}

function minimal(value: bigint): Buffer {
  const hex = value === 0n ? '' : value.toString(16);
  return Buffer.from(hex.padStart(hex.length + (hex.length % 2), '0'), 'hex');
}

const bitsOf = (value: bigint): number => (value === 0n ? 0 : value.toString(2).length);

/** Ways to write an integer, or another one that may be taken for it. */
const WRITINGS: readonly ((value: bigint, other: bigint) => Buffer)[] = [
  (value) => Buffer.concat([uint(bitsOf(value), 2), minimal(value)]),
  (value) => Buffer.concat([uint(minimal(value).length * 8 + 8, 2), Buffer.of(0), minimal(value)]),
  (value) => Buffer.concat([uint(minimal(value).length * 8, 2), minimal(value)]),
  (value) => Buffer.concat([uint(Math.max(0, minimal(value).length * 8 - 7), 2), minimal(value)]),
  () => Buffer.of(0, 0),
  () => Buffer.of(0, 1, 1),
  (value, other) => WRITINGS[0]?.(value + other, 0n) ?? Buffer.of(),
  (value, other) => WRITINGS[0]?.(value > other ? value - other : other - value, 0n) ?? Buffer.of(),
];

/** Group orders, and 1: adding them makes other integers that are the same to whoever reduces them. */
const ORDERS = [
  1n,
  2n ** 252n + 27742317777372353535851937790883648493n,
  0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n,
];

const aPart = fc.constantFrom(...PARTS);
const ALGORITHMS = [1, 2, 3, 17, 19, 22, 27, 28, 99];

/** Octets of the OID and its length in front of the integers of an elliptic curve key. */
function materialStart(key: Buffer): number {
  const start = key[0] === 6 ? 10 : 6;
  return key[5] === 19 || key[5] === 22 ? start + 1 + (key[start] ?? 0) : start;
}

/** A single change of any kind. */
export const aChange: fc.Arbitrary<Change> = fc.oneof(
  fc.record({ part: aPart, at: fc.nat(), bit: fc.nat(7) }).map(({ part, at, bit }): Change => {
    return (draft) => {
      const octets = draft[part];
      const index = octets.length === 0 ? 0 : at % octets.length;
      if (octets.length > 0) octets[index] = (octets[index] ?? 0) ^ (1 << bit);
    };
  }),
  fc.record({ part: aPart, by: fc.integer({ min: 1, max: 5 }) }).map(({ part, by }): Change => {
    return (draft) => {
      draft[part] = draft[part].subarray(0, Math.max(0, draft[part].length - by));
    };
  }),
  fc
    .record({ part: aPart, more: fc.uint8Array({ minLength: 1, maxLength: 4 }) })
    .map(({ part, more }): Change => {
      return (draft) => {
        draft[part] = Buffer.concat([draft[part], more]);
      };
    }),
  aPart.map((part): Change => {
    return (draft, other) => {
      draft[part] = Buffer.from(other[part]);
    };
  }),
  fc
    .record({ writing: fc.constantFrom(...WRITINGS), which: fc.nat(1), order: fc.constantFrom(...ORDERS) })
    .map(({ writing, which, order }): Change => {
      return (draft) => {
        draft.material = rewriteIntegers(draft.material, (value, index) =>
          index === which ? writing(value, order) : (WRITINGS[0]?.(value, 0n) ?? Buffer.of()),
        );
      };
    }),
  fc
    .record({ writing: fc.constantFrom(...WRITINGS), which: fc.nat(1), order: fc.constantFrom(...ORDERS) })
    .map(({ writing, which, order }): Change => {
      return (draft) => {
        const start = materialStart(draft.key);
        const integers = rewriteIntegers(draft.key.subarray(start), (value, index) =>
          index === which ? writing(value, order) : (WRITINGS[0]?.(value, 0n) ?? Buffer.of()),
        );
        draft.key = Buffer.concat([draft.key.subarray(0, start), integers]);
      };
    }),
  fc
    .record({ algorithm: fc.constantFrom(...ALGORITHMS), where: fc.nat(2) })
    .map(({ algorithm, where }): Change => {
      return (draft) => {
        if (where !== 0) draft.key[5] = algorithm;
        if (where !== 1) draft.hashedPart[2] = algorithm;
      };
    }),
  fc.constantFrom(1, 2, 3, 8, 9, 10, 11, 12, 14, 99).map((hash): Change => {
    return (draft) => {
      draft.hashedPart[3] = hash;
    };
  }),
  fc.constantFrom(4, 5, 6).map((version): Change => {
    return (draft) => {
      draft.key[0] = version;
    };
  }),
  fc
    .record({ type: fc.nat(127), body: fc.uint8Array({ maxLength: 12 }), critical: fc.boolean() })
    .map(({ type, body, critical }): Change => (draft) => {
      const width = draft.hashedPart[0] === 6 ? 4 : 2;
      const area = Buffer.concat([draft.hashedPart.subarray(4 + width), sub(type, body, critical)]);
      draft.hashedPart = Buffer.concat([draft.hashedPart.subarray(0, 4), uint(area.length, width), area]);
    }),
);
