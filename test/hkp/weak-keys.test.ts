import { describe, expect, it } from 'vitest';

import { weakKeyReport } from '../../src/hkp/weak-keys.ts';
import type { WeakKeyReport } from '../../src/hkp/weak-keys.ts';
import { MAX_WEAK_LISTED } from '../../src/hkp/limits.ts';
import { recordOf } from '../../src/hkp/terms.ts';
import type { CertificateRecord, Keystore } from '../../src/keystore/keystore.ts';
import { MemoryKeystore } from '../../src/keystore/memory.ts';
import type { Certificate } from '../../src/openpgp/certificate.ts';
import { keySubject } from '../../src/openpgp/subject.ts';
import { makeCertificate, TestKey } from '../fixtures/test-key.ts';
import { certificateOf, goodModulus, keyWith, primes } from '../openpgp/rsa-key.ts';
import type { KeyNumbers } from '../openpgp/rsa-key.ts';

const rsa = (modulus: bigint, numbers: KeyNumbers = {}): Certificate =>
  certificateOf(keyWith(modulus, numbers).packet);

const fingerprintOf = ({ primary }: Certificate): string => primary.key.fingerprint;

async function storeOf(...certificates: Certificate[]): Promise<Keystore> {
  const keystore = new MemoryKeystore({ now: () => 0 });
  for (const one of certificates) await keystore.update(fingerprintOf(one), () => recordOf(one));
  return keystore;
}

const reportOn = async (...certificates: Certificate[]): Promise<WeakKeyReport> =>
  weakKeyReport(await storeOf(...certificates));

const [p = 0n, q = 0n, r = 0n] = primes(3, 1024);

describe('weakKeyReport', () => {
  it('finds nothing in an empty store, and in one with good keys', async () => {
    const empty = await reportOn();
    expect(empty).toMatchObject({ certificates: 0, weak: 0, listed: [], compared: 0 });
    const good = certificateOf(...makeCertificate().packets);
    expect(await reportOn(good, rsa(goodModulus()), rsa(p * q))).toEqual({
      ...empty,
      certificates: 3,
      compared: 2,
    });
  });

  it('counts each weakness, and each certificate once', async () => {
    const even = rsa(goodModulus() - 1n, { exponent: 3n });
    const three = rsa(goodModulus(), { exponent: 3n });
    const report = await reportOn(even, three, rsa(p * q));
    expect(report).toMatchObject({ certificates: 3, weak: 2 });
    expect(report.counts).toMatchObject({ EXPONENT_3: 2, SMALL_FACTOR: 1, SHARED_FACTOR: 0, ROCA: 0 });
    expect(report.listed).toContainEqual({
      fingerprint: fingerprintOf(even),
      weaknesses: ['EXPONENT_3', 'SMALL_FACTOR'],
    });
  });

  it('finds the certificates of keys that share a prime and lists them first', async () => {
    const [one, other] = [rsa(p * q), rsa(p * r, { exponent: 3n })];
    const others = Array.from({ length: MAX_WEAK_LISTED }, (_, i) => rsa(BigInt(2 * i)));
    const report = await reportOn(...others, one, other);
    expect(report).toMatchObject({ weak: MAX_WEAK_LISTED + 2, counts: { SHARED_FACTOR: 2 } });
    expect(report.listed).toHaveLength(MAX_WEAK_LISTED);
    const sharing = report.listed.filter(({ weaknesses }) => weaknesses.includes('SHARED_FACTOR'));
    expect(report.listed.slice(0, 2)).toEqual(sharing);
    expect(sharing).toContainEqual({
      fingerprint: fingerprintOf(other),
      weaknesses: ['SHARED_FACTOR', 'EXPONENT_3'],
    });
    expect(sharing).toContainEqual({ fingerprint: fingerprintOf(one), weaknesses: ['SHARED_FACTOR'] });
  });

  it('does not call it sharing when one key is in two certificates, or damaged numbers have a factor 2', async () => {
    const twice = [keyWith(p * q), keyWith(p * q, { version: 6 })].map(({ packet }) => certificateOf(packet));
    const { counts } = await reportOn(...twice, rsa(goodModulus() - 1n), rsa(goodModulus() - 1n));
    expect(counts).toMatchObject({ SHARED_FACTOR: 0, SMALL_FACTOR: 2 });
  });

  it('passes over revoked certificates, but compares others with their keys', async () => {
    const key = keyWith(p * q, { exponent: 3n });
    const revocation = new TestKey().sign(0x20, keySubject(key));
    const report = await reportOn(certificateOf(key.packet, revocation), rsa(p * r));
    expect(report).toMatchObject({ certificates: 2, revoked: 1, weak: 1 });
    expect(report.counts).toMatchObject({ EXPONENT_3: 0, SHARED_FACTOR: 1 });
  });

  it('counts what cannot be read, and goes on', async () => {
    const record = recordOf(rsa(goodModulus() - 1n));
    const records = async function* (): AsyncGenerator<CertificateRecord> {
      yield { ...record, bytes: Buffer.from('not a certificate') };
      yield record;
    };
    expect(await weakKeyReport({ records })).toMatchObject({ certificates: 2, unreadable: 1, weak: 1 });
  });

  it('is a plain JSON value', async () => {
    const report = await reportOn(rsa(p * q), rsa(p * r));
    expect(JSON.parse(JSON.stringify(report))).toEqual(report);
  });

  it('stops when it is told to', async () => {
    const stop = new AbortController();
    const running = weakKeyReport(await storeOf(rsa(p * q), rsa(p * r)), stop.signal);
    stop.abort(new Error('shutting down'));
    await expect(running).rejects.toThrow('shutting down');
  });
});
