import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { armor, dearmor } from '../../src/openpgp/armor.ts';
import { crc24 } from '../../src/openpgp/crc24.ts';
import { MAX_ARMOR_HEADER_LENGTH, MAX_ARMOR_HEADERS } from '../../src/openpgp/limits.ts';
import { makeCertificate } from '../fixtures/test-key.ts';
import { answersOrRefuses, damaged } from './damaged.ts';

const BEGIN = '-----BEGIN PGP PUBLIC KEY BLOCK-----';
const END = '-----END PGP PUBLIC KEY BLOCK-----';
const DATA = Buffer.from('any octets, they need not be a key');
const BASE64 = DATA.toString('base64');

const read = (text: string): ReturnType<typeof dearmor> => dearmor(Buffer.from(text, 'latin1'));
const block = (...lines: string[]): string => [BEGIN, ...lines, END, ''].join('\n');
const refusal = (code: string): unknown => expect.objectContaining({ name: 'OpenPgpError', code });
const dataOf = (text: string): Uint8Array[] => read(text).map(({ data }) => data);

describe('armor', () => {
  it('L19: writes short lines, no headers, the right checksum and a final newline', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 400 }), (data) => {
        const lines = armor(data).split('\n');
        const checksum = Buffer.from([crc24(data) >> 16, crc24(data) >> 8, crc24(data)]).toString('base64');
        expect(lines.slice(0, 2)).toEqual([BEGIN, '']);
        expect(lines.slice(-3)).toEqual([`=${checksum}`, END, '']);
        const digits = lines.slice(2, -3);
        expect(digits.join('')).toBe(Buffer.from(data).toString('base64'));
        expect(digits.slice(0, -1).every((line) => line.length === 64)).toBe(true);
        expect(digits.at(-1) ?? 'none').toMatch(/^.{1,64}$/);
      }),
    );
  });
});

/** Text that a block may stand in: any lines but those that open one. */
const surroundings = fc
  .array(fc.string({ maxLength: 20 }))
  .map((lines) => lines.join('\n'))
  .filter((text) => !text.includes('-----BEGIN'));

describe('dearmor', () => {
  it('U2 U3 U4: gives the data back whatever the line ends, spaces, text around and checksum', () => {
    fc.assert(
      fc.property(
        fc.uint8Array({ maxLength: 300 }),
        fc.constantFrom('\n', '\r\n', '\r'),
        fc.constantFrom('', ' ', '\t', '  \t '),
        fc.constantFrom(undefined, '=AAAA', '=!!!!', '=A', '='),
        surroundings,
        surroundings,
        (data, lineEnd, trailing, checksum, before, after) => {
          const lines = armor(data).split('\n').slice(0, -1);
          if (checksum !== undefined) lines[lines.length - 2] = checksum;
          const text = [before, ...lines.map((line) => line + trailing), after].join(lineEnd);
          const [found, ...others] = dearmor(Buffer.from(text, 'utf8'));
          expect([...(found?.data ?? [])]).toEqual([...data]);
          expect(found?.label).toBe('PUBLIC KEY BLOCK');
          expect(others).toEqual([]);
        },
      ),
    );
  });

  it('U2: reads armor without a checksum', () => {
    expect(dataOf(block('', BASE64))).toEqual([DATA]);
  });

  it('U4: reads armor without a blank line after its headers, and without any headers', () => {
    expect(dataOf(block('Version: Something 1.0', 'X-Unknown: yes', 'Empty:', BASE64))).toEqual([DATA]);
    expect(dataOf(block(BASE64))).toEqual([DATA]);
  });

  it('U4: reads blank lines anywhere, and lines of any length', () => {
    expect(dataOf(block('', BASE64.slice(0, 4), '', BASE64.slice(4, 5), BASE64.slice(5), ''))).toEqual([
      DATA,
    ]);
  });

  it('U4: reads as many headers as the limit, and refuses one more', () => {
    const headers = (count: number): string[] => Array.from({ length: count }, (_, i) => `Comment: ${i}`);
    expect(dataOf(block(...headers(MAX_ARMOR_HEADERS), '', BASE64))).toEqual([DATA]);
    expect(() => read(block(...headers(MAX_ARMOR_HEADERS + 1), '', BASE64))).toThrow(refusal('BAD_ARMOR'));
  });

  it('U4: reads a header of the longest permitted length, and refuses a longer one', () => {
    const header = 'Comment: '.padEnd(MAX_ARMOR_HEADER_LENGTH, 'x');
    expect(dataOf(block(header, '', BASE64))).toEqual([DATA]);
    expect(() => read(block(`${header}x`, '', BASE64))).toThrow(refusal('BAD_ARMOR'));
    expect(() => read(block('Comment: '.padEnd(10_000, 'x'), '', BASE64))).toThrow(refusal('BAD_ARMOR'));
  });

  it.each([
    'PUBLIC KEY BLOCK',
    'ARMORED FILE',
    'MESSAGE',
    'SIGNATURE',
    'PRIVATE KEY BLOCK',
    'MESSAGE, PART 1/2',
  ])('U5: reads a block of the kind %s and says that it is one', (label) => {
    const text = `-----BEGIN PGP ${label}-----\n\n${BASE64}\n-----END PGP ${label}-----\n`;
    expect(read(text)).toEqual([{ label, data: DATA }]);
  });

  it('U5: refuses a cleartext-signed message', () => {
    const text =
      '-----BEGIN PGP SIGNED MESSAGE-----\nHash: SHA256\n\nHello, world!\n-----BEGIN PGP SIGNATURE-----\n\n';
    expect(() => read(`${text}${BASE64}\n-----END PGP SIGNATURE-----\n`)).toThrow(refusal('BAD_ARMOR'));
  });

  it('U6: reads all blocks of a text, in their order', () => {
    const text = `${armor(Buffer.of(1))}between\n${armor(Buffer.of(2))}${armor(Buffer.of(3))}`;
    expect(read(text).map(({ data }) => [...data])).toEqual([[1], [2], [3]]);
  });

  it('reads a text that begins with a byte order mark', () => {
    expect(dearmor(Buffer.from(`\uFEFF${armor(DATA)}`, 'utf8'))).toEqual([
      { label: 'PUBLIC KEY BLOCK', data: DATA },
    ]);
  });

  it('reads a view of larger memory', () => {
    const bytes = Buffer.from(`--${armor(DATA)}--`);
    expect(dearmor(bytes.subarray(2, -2)).map(({ data }) => [...data])).toEqual([[...DATA]]);
  });
});

describe('dearmor refuses', () => {
  it.each([
    ['an empty text', ''],
    ['a text without armor', 'hello\nworld'],
    ['U3: quoted armor', armor(DATA).replaceAll(/^/gm, '> ')],
    ['U3: dash-escaped armor', armor(DATA).replaceAll(/^-/gm, '- -')],
    ['an end without a beginning', `${BASE64}\n${END}`],
    ['a begin line in lower case', armor(DATA).toLowerCase()],
    ['U10: a megabyte of line ends', '\n'.repeat(1024 * 1024)],
    ['U10: a megabyte of hyphens', '-'.repeat(1024 * 1024)],
    ['U10: a megabyte of spaces', ' '.repeat(1024 * 1024)],
  ])('%s, as no armor', (_, text) => {
    expect(() => read(text)).toThrow(refusal('NO_ARMOR'));
  });

  it.each([
    ['armor without an end', `${BEGIN}\n\n${BASE64}\n`],
    ['armor that ends with its begin line', BEGIN],
    ['armor that ends within its headers', `${BEGIN}\nComment: x`],
    ['armor with the end line of another kind', `${BEGIN}\n\n${BASE64}\n-----END PGP MESSAGE-----\n`],
    ['a block within a block', block('', BASE64, BEGIN, '', BASE64)],
    ['a line that is not base64', block('', 'not base64!')],
    ['a header after the blank line', block('', 'Comment: late', BASE64)],
    ['base64 of the URL alphabet', block('', '-_-_')],
    ['base64 with padding in the middle', block('', 'QQ==', 'QUJD')],
    ['base64 with three padding characters', block('', 'Q===')],
    ['base64 of one digit too many', block('', 'QUJDR')],
    ['data after the checksum', block('', 'QUJD', '=AAAA', 'QUJD')],
    ['U10: a megabyte of line ends in a block', `${BEGIN}\n${'\n'.repeat(1024 * 1024)}`],
    ['U10: a megabyte of base64 without an end', `${BEGIN}\n\n${'QUJD'.repeat(256 * 1024)}`],
    ['U10: a megabyte of headers', `${BEGIN}\n${'Comment: x\n'.repeat(100_000)}`],
  ])('%s, as bad armor', (_, text) => {
    expect(() => read(text)).toThrow(refusal('BAD_ARMOR'));
  });

  it('nothing with any other error: a damaged certificate is read or refused', () => {
    const armored = Buffer.from(makeCertificate().armored);
    fc.assert(
      fc.property(damaged(armored), (octets) => {
        expect(answersOrRefuses(() => dearmor(octets))).toBe(true);
      }),
      { numRuns: 500 },
    );
  });
});
