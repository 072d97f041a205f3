/*
 * `verifyNatively` may exist because it never answers otherwise than openpgp.js. Here both are asked the same of
 * every signature at hand and of changed ones. `VOUCH_DIFFERENTIAL_RUNS=200000` makes it a long run.
 */
import { createHash } from 'node:crypto';

import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';

import { dearmor } from '../../src/openpgp/armor.ts';
import { verifyNatively } from '../../src/openpgp/native-verify.ts';
import { verifyForStore } from '../../src/openpgp/verify-for-store.ts';
import { verifySignature } from '../../src/openpgp/verify.ts';
import { makeCertificate, sub } from '../fixtures/test-key.ts';
import { AnySigner, halves, legacyMaterial, mpi, rsaSigner } from './any-signer.ts';
import { aChange, changed } from './draft.ts';
import { encode, FIELD, L, oddKey, pointWith, TORSION } from './edwards25519.ts';
import type { OddKey } from './edwards25519.ts';
import { HASHES, madeSpecimens, signersOfAllKinds, specimensIn } from './specimens.ts';
import type { Specimen } from './specimens.ts';
import { HAVE_VECTORS, vector } from './vectors.ts';

const RUNS = Number(process.env['VOUCH_DIFFERENTIAL_RUNS'] ?? 600);

const seen = { good: 0, refused: 0, 'handed over, good': 0, 'handed over, bad': 0 };
type Answer = keyof typeof seen;

/** Asks both, and fails where the native verifier says what openpgp.js does not. */
async function compare({ name, signature, key, subject }: Specimen): Promise<Answer> {
  const native = await verifyNatively(signature, key, subject);
  const judged = await verifySignature(signature, key, subject);
  if (native !== undefined && native !== judged) {
    const octets = Buffer.from(signature.packet.body).toString('hex');
    const material = Buffer.from(key.packet.body).toString('hex');
    throw new Error(
      `${name}: native ${String(native)}, openpgp.js ${String(judged)}; signature ${octets}, key ${material}, subject ${Buffer.from(subject).toString('hex')}`,
    );
  }
  const handed = native === undefined;
  const answer = judged ? (handed ? 'handed over, good' : 'good') : handed ? 'handed over, bad' : 'refused';
  seen[answer] += 1;
  return answer;
}

const signers = signersOfAllKinds();
const made = madeSpecimens(signers);

function published(): Specimen[] {
  const armored = ['0ff16c87', 'badselfsig', 'ecc_keys', 'martian', 'test-key', 'test-key-revoked'];
  const binary = ['alice', 'alice-revoked', 'bob', 'bob-revoked', 'carol', 'david', 'emma', 'ricarda'];
  const twins = ['dda252ebb8ebe1af-1', 'dda252ebb8ebe1af-2'];
  const collisions = ['subkey_collision-pubkey', 'subkey_collision-subkey'];
  return [
    ...[...armored, ...collisions].map((name) => `odd/${name}.asc`),
    ...twins.map((name) => `twins/${name}.asc`),
    ...binary.map((name) => `vectors/${name}.pgp`),
  ].flatMap((path) => {
    const octets = vector(path);
    const blocks = path.endsWith('.asc') ? dearmor(octets).map(({ data }) => data) : [octets];
    return blocks.flatMap((block) => specimensIn(path, block));
  });
}

const certificates = [4, 6].flatMap((version) =>
  specimensIn(
    `certificate of version ${version}`,
    makeCertificate(['a', 'b'], { version: version as 4 | 6 }).bytes,
  ),
);
const specimens = [...made, ...certificates, ...(HAVE_VECTORS ? published() : [])];

afterAll(() => {
  console.log('compared', JSON.stringify(seen));
});

describe('verifyNatively', () => {
  const decided = [...signers.keys()].filter((name) => !/768 bits|DSA$|secp256k1|brainpool/u.test(name));

  it.each(decided)(
    'decides about %s with SHA-256, and about nothing of it that was changed',
    async (name) => {
      const signer = signers.get(name);
      if (signer === undefined) throw new Error(name);
      const hash = name.startsWith('Ed448') ? { id: 10, name: 'sha512' } : { id: 8, name: 'sha256' };
      const subject = Buffer.from('subject');
      const signature = signer.sign(subject, { hash });
      expect(await verifyNatively(signature, signer.key, subject)).toBe(true);
      expect(await verifyNatively(signature, signer.key, Buffer.from('other'))).toBe(false);
      const last = changed({ name, signature, key: signer.key, subject }, made[0] as Specimen, [
        (draft) => {
          const at = draft.material.length - 1;
          draft.material[at] = (draft.material[at] ?? 0) ^ 1;
        },
      ]);
      expect(last && (await verifyNatively(last.signature, last.key, subject))).toBeUndefined();
    },
  );

  it('says of every signature at hand what openpgp.js says, or nothing', async () => {
    for (const one of specimens) await compare(one);
    // Many are of algorithms that it leaves to the other: what it decides must still be more than a few.
    expect(seen.good).toBeGreaterThan(specimens.length / 4);
  });

  it('says so of signatures that were changed in any part, with another key or of another subject', async () => {
    const index = fc.nat(specimens.length - 1);
    await fc.assert(
      fc.asyncProperty(
        index,
        index,
        fc.array(aChange, { minLength: 1, maxLength: 3 }),
        fc.boolean(),
        async (one, other, changes, fit) => {
          const [specimen, another] = [specimens[one], specimens[other]] as [Specimen, Specimen];
          const prefix = fit ? undefined : specimen.signature.tail.subarray(0, 2);
          const result = changed(specimen, another, changes, prefix);
          if (result !== undefined) await compare(result);
        },
      ),
      { numRuns: RUNS },
    );
  });

  it('says so of signatures with anything among their hashed subpackets', async () => {
    const all = [...signers.values()];
    const embedded = made.map(({ signature }) => signature.packet.body);
    const body = fc.oneof(
      fc.uint8Array({ maxLength: 40 }),
      fc
        .record({ which: fc.nat(embedded.length - 1), cut: fc.nat(3), flip: fc.nat() })
        .map(({ which, cut, flip }) => {
          const octets = Buffer.from(embedded[which] ?? []).subarray(0, cut === 0 ? undefined : -cut);
          if (cut === 1) octets[flip % octets.length] = flip % 256;
          return octets;
        }),
    );
    const subpacket = fc.record({
      type: fc.oneof(fc.nat(127), fc.constantFrom(2, 16, 20, 31, 32, 33)),
      body,
      critical: fc.boolean(),
    });
    await fc.assert(
      fc.asyncProperty(
        fc.nat(all.length - 1),
        fc.constantFrom(...HASHES),
        fc.array(subpacket, { maxLength: 4 }),
        async (which, hash, subpackets) => {
          const signer = all[which] as AnySigner;
          const hashed = subpackets.map((one) => sub(one.type, one.body, one.critical));
          const subject = Buffer.from('subject');
          const name = `subpackets ${JSON.stringify(subpackets.map(({ type }) => type))}`;
          let signature;
          try {
            signature = signer.sign(subject, { hash, hashed });
          } catch {
            // Cannot be read: no creation time that counts, or a subpacket that is cut off.
            return;
          }
          await compare({ name, signature, key: signer.key, subject });
        },
      ),
      { numRuns: Math.ceil(RUNS / 3) },
    );
  });
});

describe('verifyNatively of what nobody makes by accident', () => {
  const NO_POINT = encode({ x: 0n, y: 2n });
  const MINUS_ONE = FIELD - 1n;

  /** Both ways to write this key. */
  function writings({ point, sign }: OddKey): AnySigner[] {
    // The digest is the message.
    const make = (input: Uint8Array, hash: string): Buffer => sign(createHash(hash).update(input).digest());
    return [
      new AnySigner({
        algorithm: 22,
        material: legacyMaterial(point),
        make: (input, hash) => halves(make(input, hash)),
      }),
      new AnySigner({ algorithm: 27, version: 6, material: point, make }),
    ];
  }

  const odd: [string, () => AnySigner[]][] = [
    ['a key made by the book', () => writings(oddKey({ secret: 7n }))],
    ['a key with a component of small order', () => writings(oddKey({ secret: 7n, twist: TORSION }))],
    ['R with a component of small order', () => writings(oddKey({ secret: 7n, nonceTwist: TORSION }))],
    [
      'R and key with components of small order',
      () => writings(oddKey({ secret: 7n, twist: TORSION, nonceTwist: TORSION })),
    ],
    ['S + L', () => writings(oddKey({ secret: 7n, wrap: 1n }))],
    ['the neutral element as key', () => writings(oddKey({ secret: 0n }))],
    ['a key of order 8', () => writings(oddKey({ secret: 0n, twist: TORSION }))],
    ['the neutral element as R', () => writings(oddKey({ secret: 7n, nonce: 0n }))],
    ['everything neutral', () => writings(oddKey({ secret: 0n, nonce: 0n }))],
    [
      'a y beyond the field',
      () => writings({ point: encode({ x: 0n, y: 1n }, FIELD), sign: () => Buffer.alloc(64) }),
    ],
    ['no point', () => writings({ point: NO_POINT, sign: () => Buffer.alloc(64) })],
    ['y of -1', () => writings({ point: encode({ x: 0n, y: MINUS_ONE }), sign: () => Buffer.alloc(64, 1) })],
  ];

  it.each(odd)('agrees about Ed25519 with %s', async (name, make) => {
    for (const signer of make()) {
      for (const hash of HASHES) {
        const subject = Buffer.from('subject');
        const signature = signer.sign(subject, { hash });
        // Both say no more than that: `compare` throws where they differ.
        expect(await compare({ name, signature, key: signer.key, subject })).toBeDefined();
      }
    }
  });

  it('does not decide where the key or R is of small order, written in two ways, or S too large', async () => {
    const undecided = odd.filter(([name]) => !/by the book|component/u.test(name));
    for (const [, make] of undecided) {
      for (const signer of make()) {
        const signature = signer.sign(Buffer.from('subject'));
        expect(await verifyNatively(signature, signer.key, Buffer.from('subject'))).toBeUndefined();
      }
    }
  });

  it('knows the points of small order', () => {
    expect(pointWith(TORSION.y)?.y).toBe(TORSION.y);
    expect(L).toBeGreaterThan(2n ** 252n);
  });

  it.each([
    { what: 'an even modulus', n: Buffer.alloc(256, 0xfe), e: [1, 0, 1] },
    { what: 'an exponent of 1', n: Buffer.alloc(256, 0xff), e: [1] },
    { what: 'an even exponent', n: Buffer.alloc(256, 0xff), e: [2] },
    { what: 'an exponent of 0', n: Buffer.alloc(256, 0xff), e: [] },
    { what: 'a modulus of 1', n: Buffer.of(1), e: [1, 0, 1] },
  ])('does not decide about RSA with $what', async ({ what, n, e }) => {
    const material = Buffer.concat([mpi(n), mpi(Uint8Array.from(e))]);
    const signer = new AnySigner({ algorithm: 1, material, make: () => mpi(Buffer.alloc(256, 1)) });
    const subject = Buffer.from('subject');
    const signature = signer.sign(subject);
    expect(await verifyNatively(signature, signer.key, subject)).toBeUndefined();
    await compare({ name: what, signature, key: signer.key, subject });
  });

  it('leaves to openpgp.js what it does not decide', async () => {
    const signer = rsaSigner(768);
    const subject = Buffer.from('subject');
    const signature = signer.sign(subject, { hash: { id: 2, name: 'sha1' } });
    expect(await verifyNatively(signature, signer.key, subject)).toBeUndefined();
    expect(await verifyForStore(signature, signer.key, subject)).toBe(true);
    expect(await verifyForStore(signature, signer.key, Buffer.from('other'))).toBe(false);
  });
});
