import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { emailOf, userIdText } from '../../src/openpgp/user-id.ts';

describe('userIdText', () => {
  it('decodes UTF-8', () => {
    expect(userIdText(Buffer.from('Jürgen 日本 <j@example.org>'))).toBe('Jürgen 日本 <j@example.org>');
  });

  it('puts U+FFFD where the octets are not UTF-8, and never fails', () => {
    expect(userIdText(Buffer.from('J\xfcrgen', 'latin1'))).toBe('J\ufffdrgen');
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        expect(userIdText(Buffer.from(text))).toBe(text);
      }),
    );
    fc.assert(fc.property(fc.uint8Array(), (octets) => userIdText(octets).length <= octets.length));
  });

  it('decodes a view, not the memory behind it', () => {
    expect(userIdText(Buffer.from('xAlicex').subarray(1, -1))).toBe('Alice');
  });
});

describe('emailOf', () => {
  it.each([
    ['Alice Example <alice@example.org>', 'alice@example.org'],
    ['Alice (work) <Alice+tag@Example.ORG>', 'Alice+tag@Example.ORG'],
    ['<alice@example.org>', 'alice@example.org'],
    ['alice@example.org', 'alice@example.org'],
    ['  alice@example.org\n', 'alice@example.org'],
    ['alice@home <alice@example.org>', 'alice@example.org'],
    ['Alice <alice@example.org> trailing', 'alice@example.org'],
    ['Jürgen <jürgen@bücher.example>', 'jürgen@bücher.example'],
    ['a < b <a@example.org>', 'a@example.org'],
  ])('finds the address in %j', (text, address) => {
    expect(emailOf(text)).toBe(address);
  });

  it.each([
    'Alice',
    '',
    'Alice <alice>',
    'Alice alice@example.org',
    'Alice <alice@example.org',
    'Alice <alice@example.org@example.com>',
    'Alice <alice @example.org>',
    'Alice <a@example.org> <b@example.org>',
    'Alice <"a b"@example.org>',
    '<@example.org>',
    '<alice@>',
  ])('finds none in %j', (text) => {
    expect(emailOf(text)).toBeUndefined();
  });

  it('finds only what stands in the text, with an at sign and without brackets or spaces', () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom('<', '>', '@', 'a', 'b', ' ', '"')), (parts) => {
        const address = emailOf(parts.join(''));
        if (address === undefined) return;
        expect(parts.join('')).toContain(address);
        expect(address).toMatch(/^[ab]+@[ab]+$/);
      }),
    );
  });
});
