import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseAccept, parseMediaType } from '../../src/http/media-type.ts';

describe('parseMediaType', () => {
  it('reads type and parameters, names without case', () => {
    const read = parseMediaType('Application/PGP-Keys; Armor=no ;encoding="binary; x"; broken');
    expect(read?.type).toBe('application/pgp-keys');
    expect(read?.parameters.get('armor')).toBe('no');
    expect(parseMediaType('multipart/form-data; boundary="a b"')?.parameters.get('boundary')).toBe('a b');
  });

  it.each(['', 'text', '/', 'text/', '/html', 'text html', 'a/b/c', 'a/b, c/d'])(
    'is undefined for %j',
    (value) => {
      expect(parseMediaType(value)).toBeUndefined();
    },
  );

  it('never throws', () => {
    fc.assert(fc.property(fc.string({ unit: 'binary' }), (value) => void parseAccept(value)));
  });
});

describe('parseAccept', () => {
  it('leaves out what cannot be read', () => {
    expect(parseAccept('text/html, nonsense,application/pgp;q=0.5').map(({ type }) => type)).toEqual([
      'text/html',
      'application/pgp',
    ]);
  });
});
