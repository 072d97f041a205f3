import { generateKeyPairSync } from 'node:crypto';

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';

import { certificateFacts } from '../../src/integrity/certificate-facts.ts';
import { certificateVerifier } from '../../src/integrity/certificate-verifier.ts';
import { writeEnvelope } from '../../src/integrity/dsse.ts';
import { publicKeyVerifier } from '../../src/integrity/envelope-verifier.ts';
import { MAX_PEM_OCTETS } from '../../src/integrity/limits.ts';
import { checkedKey, readPrivateKeyPem } from '../../src/integrity/signing-key.ts';
import { buildImage, payloadOf, signatureObject, twoObjects } from '../fixtures/sif-image.ts';
import { OIDS, TestCertificate } from './test-certificate.ts';
import type { CertificateOptions } from './test-certificate.ts';
import { outcomes, verify } from './verified.ts';

/** 2024-09-12. */
const AT = 1_726_100_000;
const YEAR = 31_557_600;

const root = new TestCertificate({ name: 'root', ca: true, keyUsage: 0x06 });
const middle = new TestCertificate({ name: 'middle', issuer: root, ca: true, keyUsage: 0x06 });
const leafOf = (options: CertificateOptions = {}): TestCertificate =>
  new TestCertificate({ issuer: middle, keyUsage: 0x80, usages: [OIDS.codeSigning], ...options });

interface Files {
  intermediates?: readonly TestCertificate[];
  roots?: readonly TestCertificate[];
  at?: number;
}

const pemOf = (all: readonly TestCertificate[]): Buffer => Buffer.concat(all.map(({ pem }) => pem));

function verifierOf(
  leaf: TestCertificate,
  { intermediates = [middle], roots = [root], at = AT }: Files = {},
) {
  return certificateVerifier({
    certificate: leaf.pem,
    ...(intermediates.length > 0 && { intermediates: pemOf(intermediates) }),
    roots: pemOf(roots),
    at,
  });
}

const problem = (leaf: TestCertificate, files?: Files): string | undefined =>
  verifierOf(leaf, files).problem?.reason;

describe('a chain', () => {
  test('from a code-signing leaf to a root, with and without intermediates', () => {
    expect(problem(leafOf())).toBeUndefined();
    expect(problem(leafOf({ issuer: root }), { intermediates: [] })).toBeUndefined();
    const leaf = leafOf();
    expect(problem(leaf, { roots: [leaf] })).toBeUndefined();
  });

  test('without a root, or with one that only has the same name', () => {
    const other = new TestCertificate({ name: 'root', ca: true, keyUsage: 0x06 });
    expect(problem(leafOf(), { roots: [other] })).toBe('CERTIFICATE_UNTRUSTED');
    expect(problem(leafOf(), { intermediates: [] })).toBe('CERTIFICATE_UNTRUSTED');
    expect(problem(leafOf(), { roots: [other, root] })).toBeUndefined();
    expect(problem(leafOf({ broken: true }))).toBe('CERTIFICATE_UNTRUSTED');
  });

  test('a certificate given by the signer is no root', () => {
    const self = new TestCertificate({ name: 'self', ca: true, usages: [OIDS.codeSigning] });
    expect(problem(self, { intermediates: [self, middle] })).toBe('CERTIFICATE_UNTRUSTED');
  });

  test.each([
    ['leaf', { to: AT - 1 }, {}, {}],
    ['leaf, not yet', { from: AT + 1 }, {}, {}],
    ['intermediate', {}, { to: AT - 1 }, {}],
    ['root', {}, {}, { to: AT - 1 }],
  ] as const)('outside the time of the %s', (_, ofLeaf, ofMiddle, ofRoot) => {
    const top = new TestCertificate({ name: 'root', ca: true, ...ofRoot });
    const between = new TestCertificate({ name: 'middle', issuer: top, ca: true, ...ofMiddle });
    const leaf = leafOf({ issuer: between, ...ofLeaf });
    expect(problem(leaf, { roots: [top], intermediates: [between] })).toBe('CERTIFICATE_EXPIRED');
    expect(problem(leafOf(), { at: AT + 10 * YEAR })).toBe('CERTIFICATE_EXPIRED');
  });

  const usages = [OIDS.codeSigning];
  test.each([
    ['for servers', { usages: [OIDS.serverAuth] }],
    ['for any use', { usages: [OIDS.anyUsage] }],
    ['for nothing in particular (stricter than Go)', { keyUsage: 0x80 }],
    ['for certificates by its key usage', { usages, keyUsage: 0x06 }],
    ['with a critical extension that is not known', { usages, critical: '1.2.3.4' }],
    ['with name constraints (stricter than Go)', { usages, critical: '2.5.29.30' }],
  ])('a leaf %s', (_, options: CertificateOptions) => {
    expect(problem(new TestCertificate({ issuer: middle, ...options }))).toBe('CERTIFICATE_UNTRUSTED');
  });

  test.each([
    ['that is no authority', { ca: false }],
    ['that may not sign certificates', { keyUsage: 0x80 }],
    ['for servers only', { usages: [OIDS.serverAuth] }],
    ['with a critical extension that is not known', { critical: '1.2.3.4' }],
    ['whose signature is broken', { broken: true }],
  ])('an issuer %s', (_, options: CertificateOptions) => {
    const between = new TestCertificate({
      name: 'middle',
      issuer: root,
      ca: true,
      keyUsage: 0x06,
      ...options,
    });
    expect(problem(leafOf({ issuer: between }), { intermediates: [between] })).toBe('CERTIFICATE_UNTRUSTED');
  });

  test('an issuer below which there may be no other', () => {
    const top = new TestCertificate({ name: 'root', ca: true, pathLength: 0 });
    const between = new TestCertificate({ name: 'middle', issuer: top, ca: true });
    const files = { roots: [top], intermediates: [between] };
    expect(problem(leafOf({ issuer: between }), files)).toBe('CERTIFICATE_UNTRUSTED');
    expect(problem(leafOf({ issuer: top }), files)).toBeUndefined();
  });

  test('signed with SHA-1, or by a short RSA key', () => {
    const keys = generateKeyPairSync('rsa', { modulusLength: 2048 });
    const weak = new TestCertificate({ name: 'middle', issuer: root, ca: true, keys });
    const sha1 = { id: '1.2.840.113549.1.1.5', hash: 'sha1' };
    const sha256 = { id: '1.2.840.113549.1.1.11', hash: 'sha256' };
    const files = { intermediates: [weak] };
    expect(problem(leafOf({ issuer: weak, algorithm: sha1 }), files)).toBe('CERTIFICATE_UNTRUSTED');
    expect(problem(leafOf({ issuer: weak, algorithm: sha256 }), files)).toBeUndefined();
    const short = generateKeyPairSync('rsa', { modulusLength: 1024 });
    const small = new TestCertificate({ name: 'middle', issuer: root, ca: true, keys: short });
    const leaf = leafOf({ issuer: small, algorithm: sha256 });
    expect(problem(leaf, { intermediates: [small] })).toBe('CERTIFICATE_UNTRUSTED');
  });

  test('that goes in a circle, or on and on, ends', () => {
    const keys = generateKeyPairSync('ed25519');
    const same = (): TestCertificate =>
      new TestCertificate({ name: 'circle', ca: true, keys, to: AT + YEAR });
    const first = same();
    const many = Array.from(
      { length: 200 },
      (_, i) => new TestCertificate({ name: 'circle', issuer: first, ca: true, keys, to: AT + i }),
    );
    expect(problem(leafOf({ issuer: first }), { intermediates: many })).toBe('CERTIFICATE_UNTRUSTED');
  });
});

describe('signatures by a certificate', () => {
  const image = (leaf: TestCertificate): Buffer => {
    const payload = Buffer.from(payloadOf(twoObjects()));
    const data = Buffer.from(writeEnvelope(payload, [checkedKey(leaf.privateKey)], 'sha256'));
    return buildImage([...twoObjects(), signatureObject(data)]);
  };

  test('2.4 a good chain makes a signer, with its subject', async () => {
    const leaf = leafOf({ name: 'Alice\nExample' });
    const report = await verify(image(leaf), { verifiers: [verifierOf(leaf)] });
    expect(report.tasks[0]?.signatures).toMatchObject([
      {
        outcome: 'valid',
        signer: { kind: 'x509', certificateDigest: expect.stringMatching(/^[0-9A-F]{64}$/) },
      },
    ]);
    expect(JSON.stringify(report)).not.toContain('Alice\\nExample');
  });

  test('2.4 a bad chain refuses the signature, and names no signer', async () => {
    const leaf = leafOf({ to: AT - 1 });
    const report = await verify(image(leaf), { verifiers: [verifierOf(leaf)] });
    expect(outcomes(report)).toEqual([['CERTIFICATE_EXPIRED']]);
    expect(report.tasks[0]?.signatures[0]).not.toHaveProperty('signer');
    expect(report.verified).toBe(false);
  });
});

describe('files', () => {
  const publicPem = (keys: { publicKey: TestCertificate['publicKey'] }): Buffer =>
    Buffer.from(keys.publicKey.export({ type: 'spki', format: 'pem' }));

  test('that are no PEM keys or certificates are refused', () => {
    for (const pem of ['', 'hello', '-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----\n']) {
      expect(() => publicKeyVerifier(Buffer.from(pem))).toThrowError(
        expect.objectContaining({ code: 'BAD_PEM' }),
      );
    }
    const files = { roots: root.pem, at: AT };
    for (const pem of ['', '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n']) {
      expect(() => certificateVerifier({ ...files, certificate: Buffer.from(pem) })).toThrowError(
        expect.objectContaining({ code: 'BAD_PEM' }),
      );
    }
    const large = Buffer.alloc(MAX_PEM_OCTETS + 1, 0x20);
    expect(() => publicKeyVerifier(large)).toThrowError(expect.objectContaining({ code: 'BAD_PEM' }));
  });

  test('a private key is refused where a public one is asked for, and its octets are not told', () => {
    const pem = Buffer.from(root.privateKey.export({ type: 'pkcs8', format: 'pem' }));
    expect(() => publicKeyVerifier(pem)).toThrowError(
      /^this is a private key; give the public key that belongs to it$/,
    );
    expect(readPrivateKeyPem(pem).keyId).toBe(checkedKey(root.publicKey).keyId);
  });

  test('a protected private key needs its passphrase', () => {
    const pem = Buffer.from(
      root.privateKey.export({ type: 'pkcs8', format: 'pem', cipher: 'aes-256-cbc', passphrase: 'secret' }),
    );
    expect(readPrivateKeyPem(pem, 'secret').keyId).toMatch(/^SHA256:/);
    for (const passphrase of ['wrong', undefined]) {
      expect(() => readPrivateKeyPem(pem, passphrase)).toThrowError(
        expect.objectContaining({ code: 'BAD_PEM' }),
      );
    }
  });

  test('short RSA keys and other kinds are refused (stricter than Go)', () => {
    for (const keys of [
      generateKeyPairSync('rsa', { modulusLength: 1024 }),
      generateKeyPairSync('ec', { namedCurve: 'secp256k1' }),
      generateKeyPairSync('ed448'),
    ]) {
      expect(() => publicKeyVerifier(publicPem(keys))).toThrowError(
        expect.objectContaining({ code: 'UNSUPPORTED_KEY' }),
      );
    }
  });

  test('any octets are the facts of a certificate, or none', () => {
    const whole = Buffer.from(
      leafOf()
        .pem.toString()
        .replace(/-----[^-]+-----/g, ''),
      'base64',
    );
    expect(certificateFacts(whole)).toEqual({
      signatureAlgorithm: '1.3.101.112',
      keyUsage: 0x80,
      extendedKeyUsage: [OIDS.codeSigning],
      unknownCritical: [],
    });
    fc.assert(
      fc.property(fc.nat(whole.length - 1), fc.nat(255), fc.boolean(), (at, octet, cut) => {
        const changed = Buffer.from(whole);
        changed[at] = octet;
        const facts = certificateFacts(cut ? changed.subarray(0, at) : changed);
        expect(facts === undefined || Array.isArray(facts.unknownCritical)).toBe(true);
      }),
      { numRuns: 2000 },
    );
  });
});
