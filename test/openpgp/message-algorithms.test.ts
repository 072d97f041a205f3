import { describe, expect, it } from 'vitest';

import type { Certificate } from '../../src/openpgp/certificate.ts';
import { userIdSubject } from '../../src/openpgp/subject.ts';
import { keyring, sub, subpackets, TestKey, userId } from '../fixtures/test-key.ts';
import { dsaSigner, rsaSigner } from './any-signer.ts';
import type { AnySigner } from './any-signer.ts';
import { checked, unarmored } from './checked.ts';
import { messageWith, signedText, SIGNS, TEXT, verdictOn } from './signed-text.ts';
import { HAVE_VECTORS, vector } from './vectors.ts';

const invalid = (reason: string): unknown => expect.objectContaining({ status: 'invalid', reason });
const valid = expect.objectContaining({ status: 'valid' });

describe('verifyMessage with hashes and algorithms', () => {
  const HASHES = [
    { id: 1, name: 'md5' },
    { id: 2, name: 'sha1' },
    { id: 3, name: 'ripemd160' },
    { id: 8, name: 'sha256' },
    { id: 9, name: 'sha384' },
    { id: 10, name: 'sha512' },
    { id: 11, name: 'sha224' },
    { id: 12, name: 'sha3-256' },
    { id: 14, name: 'sha3-512' },
  ];

  const issuedBy = ({ key: { version, fingerprint } }: AnySigner): Uint8Array =>
    sub(33, [version, ...Buffer.from(fingerprint, 'hex')]);

  const certificateFor = async (signer: AnySigner): Promise<Certificate> => {
    const id = userId('Bob <bob@example.org>');
    const hashed = [subpackets.flags(SIGNS), issuedBy(signer)];
    const self = signer.sign(userIdSubject(signer.key, id), { type: 0x13, hashed });
    return (await checked(keyring(signer.key.packet, id, self.packet))).certificate;
  };

  const messageBy = (signer: AnySigner, hash = { id: 8, name: 'sha256' }): string => {
    const octets = Buffer.from(TEXT.replaceAll('\n', '\r\n'));
    return messageWith(TEXT, [signer.sign(octets, { type: 1, hash, hashed: [issuedBy(signer)] }).packet], []);
  };

  const rsa = rsaSigner(2048);

  it.each(HASHES.filter(({ id }) => id >= 8 && id <= 10))('7.4 accepts $name', async (hash) => {
    expect(await verdictOn(messageBy(rsa, hash), [await certificateFor(rsa)])).toEqual(valid);
  });

  it.each(HASHES.filter(({ id }) => id < 8 || id > 11))('7.4 refuses $name', async (hash) => {
    expect(await verdictOn(messageBy(rsa, hash), [await certificateFor(rsa)])).toEqual(
      invalid('HASH_NOT_ALLOWED'),
    );
  });

  it('7.4 refuses SHA-224: stricter than Go', async () => {
    expect(await verdictOn(messageBy(rsa, { id: 11, name: 'sha224' }), [await certificateFor(rsa)])).toEqual(
      invalid('HASH_NOT_ALLOWED'),
    );
  });

  it('7.5 accepts RSA of 1024 bits, as Go, and says that it is weak', async () => {
    const short = rsaSigner(1024);
    expect(await verdictOn(messageBy(short), [await certificateFor(short)])).toMatchObject({
      status: 'valid',
      weaknesses: ['SHORT_RSA'],
    });
    expect(await verdictOn(messageBy(rsa), [await certificateFor(rsa)])).toMatchObject({ weaknesses: [] });
  });

  it('7.5 accepts DSA, as Go, and says that it is weak', async () => {
    const dsa = dsaSigner(1024, 160);
    expect(await verdictOn(messageBy(dsa), [await certificateFor(dsa)])).toMatchObject({
      status: 'valid',
      weaknesses: ['DSA'],
    });
  });

  it('7.5 accepts keys of version 6, which Go does not: what a SIF image makes of them is decided there', async () => {
    const six = new TestKey({ version: 6 });
    const id = userId('Carol <carol@example.org>');
    const direct = six.direct({ hashed: [subpackets.flags(SIGNS)] });
    const { certificate } = await checked(keyring(six.key.packet, direct, id, six.certify(id)));
    expect(await verdictOn(signedText(six), [certificate])).toMatchObject({ primary: six.fingerprint });
  });
});

describe.skipIf(!HAVE_VECTORS)('verifyMessage of signed images (needs ../shared/testdata)', () => {
  const image = (path: string): Uint8Array => vector(`../sif/${path}`);

  const messagesIn = (octets: Uint8Array): Uint8Array[] => {
    const end = '-----END PGP SIGNATURE-----';
    const bytes = Buffer.from(octets);
    const found: Uint8Array[] = [];
    for (let at = bytes.indexOf('-----BEGIN PGP SIGNED'); at >= 0;) {
      const after = bytes.indexOf(end, at) + end.length;
      found.push(bytes.subarray(at, after));
      at = bytes.indexOf('-----BEGIN PGP SIGNED', after);
    }
    return found;
  };

  it.each([
    ['sylabs-sif/one-group-signed-pgp.sif', 1],
    ['sylabs-sif/two-groups-signed-pgp.sif', 2],
    ['sylabs-sif/one-group-signed-legacy.sif', 1],
  ])('2.5 accepts %s, whose signer has renewed its self-signature since', async (path, count) => {
    const { certificate } = await checked(unarmored(image('sylabs-sif/pgp-public.asc')));
    const messages = messagesIn(image(path));
    expect(messages).toHaveLength(count);
    for (const message of messages) {
      expect(await verdictOn(message, [certificate], 1_790_000_000)).toMatchObject({
        status: 'valid',
        primary: '12045C8C0B1004D058DE4BEDA20C27EE7FF7BA84',
      });
    }
  });
});
