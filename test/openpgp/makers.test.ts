import { describe, expect, it } from 'vitest';

import { readCleartext } from '../../src/openpgp/cleartext.ts';
import type { CleartextMessage } from '../../src/openpgp/cleartext.ts';
import { hasCritical, makersOf, namedKeys, soleSignature } from '../../src/openpgp/makers.ts';
import { EPOCH, DAY, sub, TestKey } from '../fixtures/test-key.ts';
import { certificateOf, messageWith, signatureOver, signedText, TEXT } from './signed-text.ts';

const key = new TestKey();
const read = (text: string): CleartextMessage => readCleartext(Buffer.from(text));

describe('makersOf', () => {
  it('says whose key made a signature, whatever became of the key', async () => {
    const revoked = await certificateOf(key, { more: [key.revoke({ created: EPOCH + DAY })] });
    const makers = await makersOf(read(signedText(key)), [await certificateOf(new TestKey()), revoked]);
    expect(makers).toEqual([{ certificate: revoked, key: revoked.primary.key }]);
  });

  it('names every certificate that has the subkey', async () => {
    const subkey = new TestKey({ subkey: true });
    const holders = [key, new TestKey()];
    const certificates = await Promise.all(
      holders.map((one) => certificateOf(one, { more: [subkey.key.packet, one.bind(subkey)] })),
    );
    const makers = await makersOf(read(signedText(subkey)), certificates);
    expect(makers.map(({ certificate }) => certificate.primary.key.fingerprint)).toEqual(
      holders.map(({ fingerprint }) => fingerprint),
    );
  });

  it('CVE-2020-13845: takes no key for a maker that is only named', async () => {
    const claim = sub(33, [4, ...Buffer.from(key.fingerprint, 'hex')]);
    const forged = read(signedText(new TestKey(), { anonymous: true, hashed: [claim] }));
    const certificate = await certificateOf(key);
    expect(namedKeys(forged, [certificate])).toHaveLength(1);
    expect(await makersOf(forged, [certificate])).toEqual([]);
  });

  it('verifies nothing that is not in the form of one signature over a document', async () => {
    const twice = read(messageWith(TEXT, [signatureOver(TEXT, key), signatureOver(TEXT, key)]));
    expect(soleSignature(twice)).toBe('SEVERAL_SIGNATURES');
    expect(await makersOf(twice, [await certificateOf(key)])).toEqual([]);
    const certification = read(signedText(key, { type: 0x13 }));
    expect(soleSignature(certification)).toBe('WRONG_TYPE');
    expect(await makersOf(certification, [await certificateOf(key)])).toEqual([]);
  });

  it('leaves it to the caller what critical parts mean', async () => {
    const message = read(signedText(key, { hashed: [sub(99, [1], true)] }));
    const signature = soleSignature(message);
    expect(typeof signature !== 'string' && hasCritical(signature)).toBe(true);
    expect(await makersOf(message, [await certificateOf(key)])).toHaveLength(1);
  });
});
