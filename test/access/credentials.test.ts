import fc from 'fast-check';
import type { Context } from 'koa';
import { describe, expect, it } from 'vitest';
import { credentialsOf } from '../../src/access/credentials.ts';
import { holdsToken, newToken, parseToken, tokenText } from '../../src/access/token-text.ts';

/** What `credentialsOf` reads of a request. */
function request(headers: Record<string, string[]>, path = '/pks/add'): Context {
  return { path, req: { headersDistinct: headers } } as unknown as Context;
}

const basic = (pair: string): string => `Basic ${Buffer.from(pair).toString('base64')}`;

describe('the credentials of a request', () => {
  it.each([
    ['', 'none'],
    ['Bearer', 'none'],
    ['  bearer  ', 'none'],
    ['Bearer:x', 'unreadable'],
    ['Bearerx', 'unreadable'],
    ['Basic', 'unreadable'],
    ['Digest username=x', 'unreadable'],
    [`Bearer ${'x'.repeat(1024)}`, 'unreadable'],
  ])('%j are %s', (header, kind) => {
    expect(credentialsOf(request({ authorization: [header] }))).toEqual({ kind });
  });

  it.each([
    ['Bearer a', 'a'],
    ['bEaReR \t a', 'a'],
    ['Bearer a b', 'a b'],
    [basic('user:a'), 'a'],
    [basic(':a:b'), 'a:b'],
    [basic('user:'), ''],
  ])('%j hold %j', (header, text) => {
    expect(credentialsOf(request({ authorization: [header] }))).toEqual({ kind: 'token', text });
  });

  it('A9 A10 are those of either header in v2, and never two', () => {
    const both = { authorization: ['Bearer a'], authentication: ['Bearer b'] };
    expect(credentialsOf(request(both))).toEqual({ kind: 'token', text: 'a' });
    expect(() => credentialsOf(request(both, '/pks/v2/certs'))).toThrow(
      expect.objectContaining({ code: 'BAD_REQUEST' }),
    );
    expect(() => credentialsOf(request({ authorization: ['Bearer', 'Bearer'] }))).toThrow(
      expect.objectContaining({ code: 'BAD_REQUEST' }),
    );
  });

  it('can be read or not whatever is sent, in time that grows with its length only', () => {
    const word = fc.constantFrom('Bearer', 'basic', ' ', '\t', ':', 'YTpi', '=');
    const header = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.array(word).map((words) => words.join('')),
    );
    fc.assert(
      fc.property(header, (text) => {
        const { kind } = credentialsOf(request({ authorization: [text] }));
        expect(['none', 'token', 'unreadable']).toContain(kind);
      }),
    );
    const spaces = ' '.repeat(1023);
    expect(credentialsOf(request({ authorization: [`${spaces}x`] })).kind).toBe('unreadable');
  });
});

describe('the text of a token', () => {
  const octets = (length: number): fc.Arbitrary<Uint8Array> =>
    fc.uint8Array({ minLength: length, maxLength: length });

  it('A8 is read as it was written, and found inside any other text', () => {
    fc.assert(
      fc.property(octets(8), octets(32), fc.string(), (id, secret, around) => {
        const parts = newToken((length) => (length === 8 ? id : secret));
        const text = tokenText(parts);
        expect(parseToken(text)).toEqual(parts);
        expect(holdsToken(around + text + around)).toBe(true);
        expect(parseToken(text.slice(0, -1))).toBeUndefined();
      }),
    );
  });
});
