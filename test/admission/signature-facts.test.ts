import { describe, expect, it } from 'vitest';
import { EntryIndex } from '../../src/admission/keys/entry-index.ts';
import type { BookEntry, KeyBook } from '../../src/admission/keys/key-book.ts';
import { signatureFacts } from '../../src/admission/signature-facts.ts';
import { MemorySource } from '../../src/bytes/memory-source.ts';
import type { ImageEvidence } from '../../src/integrity/evidence.ts';
import { readEvidence } from '../../src/integrity/read-evidence.ts';
import type { Certificate } from '../../src/openpgp/certificate.ts';
import { mergeCertificates } from '../../src/openpgp/merge.ts';
import type { KeystoreStanding, SignatureFact } from '../../src/policy/facts.ts';
import { buildImage, clearSigned, payloadOf, signatureObject, twoObjects } from '../fixtures/sif-image.ts';
import { DAY, EPOCH, sub, subpackets, TestKey } from '../fixtures/test-key.ts';
import type { SignOptions } from '../fixtures/test-key.ts';
import { certificateOf } from '../openpgp/signed-text.ts';

const AT = EPOCH + 100 * DAY;
const key = new TestKey();
const forger = new TestKey();
const STANDING: KeystoreStanding = {
  asked: true,
  lastAnswer: AT,
  vanished: false,
  rollback: false,
  conflict: false,
};

interface Copies {
  readonly local?: Certificate;
  readonly remote?: Certificate;
  readonly seen?: Certificate;
}

function bookOf(...held: readonly Copies[]): KeyBook {
  const index = new EntryIndex();
  for (const { local, remote, seen } of held) {
    const copies = [local, remote, seen].filter((one) => one !== undefined);
    const certificate = copies.reduce(mergeCertificates);
    const entry: BookEntry = {
      fingerprint: certificate.primary.key.fingerprint,
      certificate,
      local: local !== undefined,
      remote: remote !== undefined,
      ...(local && { localCopy: local }),
      ...(remote && { remoteCopy: remote }),
      standing: STANDING,
    };
    index.set(entry);
  }
  return {
    epoch: 1,
    candidates: (claims) => index.candidates(claims),
    entry: (fingerprint) => index.get(fingerprint),
    entries: () => index.all(),
  };
}

/** Evidence of an image of two objects that a key signed, and a descriptor that names a fingerprint. */
async function evidenceOf(
  signer: TestKey,
  { named = signer.fingerprint, ...options }: SignOptions & { named?: string; tampered?: boolean } = {},
): Promise<ImageEvidence> {
  const objects = twoObjects();
  const message = clearSigned(signer, payloadOf(objects), options);
  if (options.tampered === true) objects[1]?.data.fill(0x21);
  const image = buildImage([...objects, signatureObject(message, { fingerprint: named })]);
  return readEvidence(new MemorySource(image));
}

async function factOf(evidence: ImageEvidence, book: KeyBook, at = AT): Promise<SignatureFact | undefined> {
  const facts = await signatureFacts(evidence, book, at);
  expect(facts).toHaveLength(1);
  return facts[0];
}

describe('signatureFacts', () => {
  it('says whose key made a signature, what it covers, and what is known of the key', async () => {
    const fact = await factOf(await evidenceOf(key), bookOf({ local: await certificateOf(key) }));
    expect(fact).toEqual({
      id: 3,
      group: 1,
      format: 'pgp',
      claimed: [key.fingerprint],
      created: EPOCH,
      covers: [1, 2],
      maker: {
        fingerprint: key.fingerprint,
        signingKey: key.fingerprint,
        local: true,
        remote: false,
        standing: STANDING,
      },
    });
  });

  it('says nothing of a maker whose certificate is not at hand', async () => {
    const fact = await factOf(await evidenceOf(key), bookOf({ local: await certificateOf(forger) }));
    expect(fact).toMatchObject({ claimed: [key.fingerprint], covers: [1, 2] });
    expect(fact).not.toHaveProperty('maker');
    expect(fact).not.toHaveProperty('fault');
  });

  it('AD6 CVE-2020-13845: a descriptor that names an allowed fingerprint makes nobody a signer', async () => {
    const book = bookOf({ local: await certificateOf(key) }, { local: await certificateOf(forger) });
    const fact = await factOf(await evidenceOf(forger, { named: key.fingerprint }), book);
    expect(fact?.fault?.reason).toBe('WRONG_FINGERPRINT');
    expect(fact?.maker?.fingerprint).toBe(forger.fingerprint);
    expect(fact?.claimed).toEqual([key.fingerprint, forger.fingerprint]);
    const alone = await factOf(
      await evidenceOf(forger, { named: key.fingerprint }),
      bookOf({ local: await certificateOf(key) }),
    );
    expect(alone).not.toHaveProperty('maker');
  });

  it('AD6 a signature that names an allowed key and was made by another is bad', async () => {
    const claim = sub(33, [4, ...Buffer.from(key.fingerprint, 'hex')]);
    const forged = await evidenceOf(forger, { named: key.fingerprint, anonymous: true, hashed: [claim] });
    const fact = await factOf(forged, bookOf({ local: await certificateOf(key) }));
    expect(fact?.fault?.reason).toBe('BAD_SIGNATURE');
    expect(fact).not.toHaveProperty('maker');
  });

  it('tells what is wrong with the content, and who signed it all the same', async () => {
    const fact = await factOf(
      await evidenceOf(key, { tampered: true }),
      bookOf({ local: await certificateOf(key) }),
    );
    expect(fact).toMatchObject({ fault: { reason: 'CONTENT_CHANGED', objectId: 2 }, covers: [1] });
    expect(fact?.maker?.fingerprint).toBe(key.fingerprint);
  });

  it('tells of a signature that has ended, or has a critical part that nobody knows', async () => {
    const book = bookOf({ local: await certificateOf(key) });
    const ends = await evidenceOf(key, { hashed: [subpackets.expires(50 * DAY)] });
    expect((await factOf(ends, book, EPOCH + 49 * DAY))?.fault).toBeUndefined();
    expect((await factOf(ends, book, EPOCH + 50 * DAY))?.fault?.reason).toBe('SIGNATURE_EXPIRED');
    const critical = await evidenceOf(key, { hashed: [sub(99, [1], true)] });
    expect((await factOf(critical, book))?.fault?.reason).toBe('UNKNOWN_CRITICAL');
  });

  it('leaves it to the policy how far ahead a signature may be made', async () => {
    const fact = await factOf(
      await evidenceOf(key, { created: AT + 5 }),
      bookOf({ local: await certificateOf(key) }),
    );
    expect(fact?.created).toBe(AT + 5);
    expect(fact).not.toHaveProperty('fault');
  });

  it('takes the certificate that the descriptor names when two hold the subkey that signed', async () => {
    const subkey = new TestKey({ subkey: true });
    const owners = [key, forger];
    const book = bookOf(
      ...(await Promise.all(
        owners.map(async (owner) => ({
          local: await certificateOf(owner, { more: [subkey.key.packet, owner.bind(subkey)] }),
        })),
      )),
    );
    for (const { fingerprint } of owners) {
      const fact = await factOf(await evidenceOf(subkey, { named: fingerprint }), book);
      expect(fact).not.toHaveProperty('fault');
      expect(fact?.maker).toMatchObject({ fingerprint, signingKey: subkey.fingerprint });
    }
  });

  it('AD11 AD12 says where a revocation is known from', async () => {
    const evidence = await evidenceOf(key);
    const clean = await certificateOf(key);
    const revoked = mergeCertificates(clean, {
      ...(await certificateOf(key, { more: [key.revoke({ created: EPOCH + DAY })] })),
    });
    for (const [copies, from] of [
      [{ local: clean, remote: revoked }, 'REMOTE'],
      [{ local: revoked, remote: clean }, 'LOCAL'],
      [{ local: revoked, remote: revoked }, 'LOCAL+REMOTE'],
      [{ local: clean, remote: clean, seen: revoked }, 'seen'],
      [{ seen: revoked }, 'seen'],
    ] as const) {
      const fact = await factOf(evidence, bookOf(copies));
      expect(fact?.maker?.revocation).toEqual({ hard: true, at: EPOCH + DAY, text: '', from });
    }
  });

  it('judges a key as of the time that it is asked about, though it remembers', async () => {
    const evidence = await evidenceOf(key);
    const ending = await certificateOf(key, {
      self: { created: EPOCH + 10 * DAY, hashed: [subpackets.keyExpires(50 * DAY)] },
    });
    const book = bookOf({ local: ending });
    for (let round = 0; round < 2; round += 1) {
      expect((await factOf(evidence, book, EPOCH + 5 * DAY))?.maker?.cannotSign).toMatch(/self-signature/);
      expect((await factOf(evidence, book))?.maker).toMatchObject({ expires: EPOCH + 50 * DAY });
      expect((await factOf(evidence, book))?.maker).not.toHaveProperty('cannotSign');
    }
  });

  it('remembers for the octets of message and certificate, not for names that anybody may give', async () => {
    const evidence = await evidenceOf(key);
    const book = bookOf({ local: await certificateOf(key) });
    expect((await factOf(evidence, book))?.maker).toBeDefined();
    const [signature] = evidence.signatures;
    const [forged] = (await evidenceOf(forger, { named: key.fingerprint })).signatures;
    if (signature === undefined || forged === undefined) throw new Error('no signature');
    const other = { ...evidence, signatures: [{ ...signature, message: forged.message ?? '' }] };
    expect(await factOf(other, book)).not.toHaveProperty('maker');
  });

  it('is bad of form when the message cannot be read', async () => {
    const evidence = await evidenceOf(key);
    const signatures = evidence.signatures.map((one) => ({ ...one, message: 'AAAA' }));
    const fact = await factOf({ ...evidence, signatures }, bookOf({ local: await certificateOf(key) }));
    expect(fact).toMatchObject({ claimed: [key.fingerprint], fault: { reason: 'BAD_FORMAT' } });
  });
});
