import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { armor } from '../../src/openpgp/armor.ts';
import { looksLikeCleartext, readCleartext } from '../../src/openpgp/cleartext.ts';
import { MAX_CLEARTEXT_OCTETS, MAX_HASH_HEADERS } from '../../src/openpgp/limits.ts';
import { framePacket } from '../../src/openpgp/packet.ts';
import { TestKey, userId } from '../fixtures/test-key.ts';
import { answersOrRefuses, damaged } from './damaged.ts';
import { messageWith, signatureOver, signedText, TEXT } from './signed-text.ts';

const key = new TestKey();
const GOOD = signedText(key);

const read = (message: string): ReturnType<typeof readCleartext> => readCleartext(Buffer.from(message));
const refused = (message: string): unknown => {
  try {
    read(message);
  } catch (error) {
    return error instanceof Error && 'code' in error ? error.code : error;
  }
  return undefined;
};

describe('readCleartext', () => {
  it('returns the text with LF, what was signed with CR LF, and the signatures', () => {
    const { text, signedOctets, signatures } = read(GOOD);
    expect(text).toBe(TEXT);
    expect(Buffer.from(signedOctets).toString()).toBe(TEXT.replace('\n', '\r\n'));
    expect(signatures.map(({ type, hash }) => [type, hash])).toEqual([[1, 8]]);
  });

  it('7.4 accepts CR LF line ends', () => {
    expect(read(GOOD.replaceAll('\n', '\r\n'))).toEqual(read(GOOD));
  });

  it('7.4 leaves out spaces and tabs at the end of a line: they are not signed', () => {
    expect(read(GOOD.replace('second line', 'second line \t '))).toEqual(read(GOOD));
    expect(read(GOOD.replaceAll('second line', 'second line \r')).text).toBe(TEXT);
  });

  it('7.4 CVE-2025-68972: keeps a form feed at the end of a line, so that the signature does not verify', () => {
    expect(read(GOOD.replace('second line', 'second line\f')).text).toBe(`${TEXT}\f`);
  });

  it('7.4 accepts a missing and a wrong checksum', () => {
    expect(read(GOOD.replace(/\n=.*\n/, '\n'))).toEqual(read(GOOD));
    expect(read(GOOD.replace(/\n=.*\n/, '\n=AAAA\n'))).toEqual(read(GOOD));
  });

  it('7.4 takes dash-escapes away, of lines that need them and of others', () => {
    const text = '- x\n-----BEGIN PGP SIGNATURE-----\nFrom me';
    const escaped = '- - x\n- -----BEGIN PGP SIGNATURE-----\n- From me';
    expect(read(messageWith(escaped, [signatureOver(text, key)])).text).toBe(text);
  });

  it('7.4 refuses a line that begins with a dash and is not escaped: stricter than Go', () => {
    expect(refused(GOOD.replace('second', '-second'))).toBe('BAD_CLEARTEXT');
    expect(refused(GOOD.replace('second', '-----BEGIN PGP SIGNED MESSAGE-----'))).toBe('BAD_CLEARTEXT');
  });

  it('reads a text of no lines but an empty one', () => {
    expect(read(messageWith('', [signatureOver('', key)])).text).toBe('');
  });

  it.each([
    ['missing', []],
    ['with several names', ['Hash: SHA512, SHA256']],
    ['given twice', ['Hash: SHA512', 'Hash: SHA256']],
  ])('2.5 accepts a Hash header that is %s', (_, headers) => {
    expect(read(messageWith(TEXT, [signatureOver(TEXT, key)], headers)).text).toBe(TEXT);
  });

  it.each(['Hash: SHA512', 'Hash: MD5', 'Hash: SHA3-256', 'Hash: SHA224'])(
    '2.5 refuses "%s" over a signature with SHA-256: stricter than Go, which ignores it',
    (header) => {
      expect(refused(messageWith(TEXT, [signatureOver(TEXT, key)], [header]))).toBe('BAD_CLEARTEXT');
    },
  );

  it.each([
    'Hash: WHIRLPOOL',
    'Hash: constructor',
    'Hash: sha256',
    'Hash:',
    'Comment: the image is safe',
    'Hash: SHA256\u000bComment: x',
    ' ',
  ])('2.5 CVE-2019-11841 CVE-2023-41037: refuses the header "%s"', (header) => {
    expect(refused(messageWith(TEXT, [signatureOver(TEXT, key)], [header]))).toBe('BAD_CLEARTEXT');
  });

  it('refuses more header lines than there are hashes to name', () => {
    const headers = Array.from({ length: MAX_HASH_HEADERS + 1 }, () => 'Hash: SHA256');
    expect(refused(messageWith(TEXT, [signatureOver(TEXT, key)], headers))).toBe('BAD_CLEARTEXT');
    expect(refused(messageWith(TEXT, [signatureOver(TEXT, key)], headers.slice(1)))).toBeUndefined();
  });

  it.each([
    ['a line before', `this image is safe\n${GOOD}`],
    ['an empty line before', `\n${GOOD}`],
    ['a byte order mark before', `\uFEFF${GOOD}`],
    ['a line after', `${GOOD}\nthis image is safe`],
    ['a second message after', `${GOOD}\n${GOOD}`],
    ['a second signature after', `${GOOD}\n${GOOD.slice(GOOD.indexOf('-----BEGIN PGP SIGNATURE'))}`],
    ['something that ends like a signature after', `${GOOD}\nx\n-----END PGP SIGNATURE-----`],
  ])(
    '7.4 CVE-2023-41037: refuses a message with %s: stricter than Go, which reads the first message',
    (_, message) => {
      expect(refused(message)).toBe('BAD_CLEARTEXT');
    },
  );

  it('accepts white space after the message', () => {
    expect(read(`${GOOD}\n`)).toEqual(read(GOOD));
    expect(read(`${GOOD}\r\n \n`)).toEqual(read(GOOD));
  });

  it.each([
    ['an empty object', ''],
    ['zeros', '\0'.repeat(1000)],
    ['something before BEGIN on its line', `EVIL${GOOD}`],
    ['something after BEGIN on its line', GOOD.replace('MESSAGE-----', 'MESSAGE----- ')],
    ['the first line alone', '-----BEGIN PGP SIGNED MESSAGE-----\n'],
    ['no signature', GOOD.slice(0, GOOD.indexOf('-----BEGIN PGP SIGNATURE'))],
    ['no end', GOOD.slice(0, GOOD.indexOf('-----END'))],
    [
      'an inline-signed message',
      armor(Buffer.of(0xcb, 1, 0x62), 'SIGNATURE').replaceAll('SIGNATURE', 'MESSAGE'),
    ],
    [
      'an empty signature',
      GOOD.replace(/-----BEGIN PGP SIGNATURE-----[^]*$/, armor(Buffer.alloc(0), 'SIGNATURE')),
    ],
    ['a carriage return within a line', GOOD.replace('second line', 'second\rline')],
    [
      'two signatures in two armors',
      GOOD.replace(/(-----BEGIN PGP SIGNATURE-----[^]*?)-----END/, '$1$1-----END'),
    ],
  ])('7.4 refuses %s', (_, message) => {
    expect(['BAD_CLEARTEXT', 'BAD_ARMOR']).toContain(refused(message));
  });

  it('refuses a text that is not UTF-8', () => {
    const octets = Buffer.from(GOOD);
    octets[octets.indexOf('second')] = 0xff;
    expect(() => readCleartext(octets)).toThrow(expect.objectContaining({ code: 'BAD_CLEARTEXT' }));
  });

  it('7.4 keeps a byte order mark in the text, for what reads the text to refuse', () => {
    expect(read(messageWith(`\uFEFF${TEXT}`, [signatureOver(`\uFEFF${TEXT}`, key)])).text).toBe(
      `\uFEFF${TEXT}`,
    );
  });

  it('7.4 returns all signatures of several, and refuses packets that are none', () => {
    const one = signatureOver(TEXT, key);
    expect(read(messageWith(TEXT, [one, one])).signatures).toHaveLength(2);
    expect(refused(messageWith(TEXT, [one, userId('x')]))).toBe('BAD_CLEARTEXT');
    const version3 = framePacket(2, Uint8Array.of(3, 5, 0), { legacy: false, lengthOctets: 1 });
    expect(refused(messageWith(TEXT, [version3]))).toBe('BAD_PACKET');
  });

  it('7.4 refuses a message over the limit before it looks into it', () => {
    const long = signedText(key).replace('second', 'x'.repeat(MAX_CLEARTEXT_OCTETS));
    expect(refused(long)).toBe('BAD_CLEARTEXT');
  });

  it('answers or refuses whatever is damaged', () => {
    fc.assert(
      fc.property(damaged(Buffer.from(GOOD)), (octets) => answersOrRefuses(() => readCleartext(octets))),
    );
  });
});

describe('looksLikeCleartext', () => {
  it('looks at the first line only', () => {
    expect(looksLikeCleartext(Buffer.from('-----BEGIN PGP SIGNED MESSAGE-----junk'))).toBe(true);
    for (const other of ['', '-----BEGIN PGP', '{}', ` ${GOOD}`]) {
      expect(looksLikeCleartext(Buffer.from(other))).toBe(false);
    }
  });
});
