/* hkp.md 1.3 and 5.5, L16 to L18: what clients parse line by line. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { escapeUserId, machineIndex } from '../../src/hkp/index-format.ts';
import { jsonIndex } from '../../src/hkp/json-index.ts';
import { textIndex } from '../../src/hkp/text-index.ts';
import { certificateState, userIdState } from '../pages/certificate-states.ts';

const FINGERPRINT = '4ADB097476BF6D4DC0F7F85097031C0F8C0218C7';

/** Percent-decoding as gpg and Go's QueryUnescape do it. */
function decoded(escaped: string): Buffer {
  const text = escaped.replace(/%([0-9A-F]{2})/g, (_, hex: string) =>
    String.fromCharCode(Number.parseInt(hex, 16)),
  );
  return Buffer.from(text, 'latin1');
}

describe('the machine-readable index', () => {
  it('has the info line first, all fields, and LF line ends', () => {
    const state = certificateState({
      expires: 1_600_000_000,
      userIds: [userIdState('Bob <bob@example.org>')],
    });
    expect(machineIndex([state, certificateState({ userIds: [] })])).toBe(
      'info:1:2\n' +
        `pub:${FINGERPRINT}:22:256:1541088317:1600000000:\n` +
        'uid:Bob <bob@example.org>:1541088317::\n' +
        `pub:${FINGERPRINT}:22:256:1541088317::\n`,
    );
  });

  it.each([
    [{ revoked: true, expired: false }, 'r'],
    [{ revoked: false, expired: true }, 'e'],
    [{ revoked: true, expired: true }, 'r'],
    [{ revoked: false, expired: false }, ''],
  ])('L16 one flag letter at most, revoked before expired: %o', (validity, flag) => {
    const lines = machineIndex([
      certificateState({ ...validity, userIds: [userIdState('x', validity)] }),
    ]).split('\n');
    expect(lines[1]?.split(':')[6]).toBe(flag);
    expect(lines[2]?.split(':')[4]).toBe(flag);
  });

  it('L17 a certificate that never expires has an empty field, a user ID has its own', () => {
    const state = certificateState({ userIds: [userIdState('x', { expires: 1_700_000_000 })] });
    const [, key, userId] = machineIndex([state]).split('\n');
    expect(key).toMatch(/::$/);
    expect(userId).toBe('uid:x:1541088317:1700000000:');
  });

  it.each([
    ['a:b', 'a%3Ab'],
    ['%0Apub', '%250Apub'],
    ['a\nb\rc\0d\u001Be\u007F', 'a%0Ab%0Dc%00d%1Be%7F'],
    ['a+b@c', 'a%2Bb@c'],
    ['Jörg', 'J%C3%B6rg'],
    ['a\u202Eb', 'a%E2%80%AEb'],
    ['pub', '%70ub'],
    ['info', '%69nfo'],
    ['uid', '%75id'],
    ['UID', '%55ID'],
    ['publisher (of) <it@x>', 'publisher (of) <it@x>'],
  ])('L18 a user ID is escaped as little as is safe: %j', (text, escaped) => {
    expect(escapeUserId(Buffer.from(text))).toBe(escaped);
  });

  it('L18 octets that are not UTF-8 are kept', () => {
    expect(escapeUserId(Buffer.of(0xff, 0x41, 0xc3))).toBe('%FFA%C3');
  });

  it('L18 any octets become one field of one line and decode to the same octets', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 1024 }), (octets) => {
        const line = machineIndex([certificateState({ userIds: [{ ...userIdState(''), bytes: octets }] })]);
        expect(line).toMatch(/^info:1:1\npub:[^\n]*\nuid:[^:\n]*:\d+:\d*:[re]?\n$/);
        expect(line.replaceAll('\n', '')).toMatch(/^[ -~]*$/);
        expect(decoded(line.split('\n')[2]?.split(':')[1] ?? '')).toEqual(Buffer.from(octets));
      }),
    );
  });

  it('L18 F1 no user ID makes a line of its own for a client that decodes late', () => {
    fc.assert(
      fc.property(fc.array(fc.string({ unit: 'binary', maxLength: 40 }), { maxLength: 4 }), (texts) => {
        const lines = machineIndex([
          certificateState({ userIds: texts.map((text) => userIdState(text)) }),
        ]).split('\n');
        expect(lines.filter((line) => line.startsWith('pub:'))).toHaveLength(1);
        expect(lines).toHaveLength(texts.length + 3);
      }),
    );
  });
});

describe('the index for people', () => {
  it('has the form that SKS and keys.sylabs.io give', () => {
    const rsa = certificateState({
      fingerprint: '0123456789ABCDEF0123456789ABCDEFF38D871E',
      algorithm: { number: 1, name: 'RSA', bits: 4096 },
      userIds: [userIdState('Sylabs Admin <support@sylabs.io>'), userIdState('Second', { revoked: true })],
    });
    expect(textIndex('admin', [rsa])).toBe(
      `Search results for 'admin'

Type bits/keyID     Date       User ID
--------------------------------------------------------------------------------
pub  4096R/F38D871E 2018-11-01 Sylabs Admin <support@sylabs.io>
                               Fingerprint=0123 4567 89AB CDEF 0123 4567 89AB CDEF F38D 871E
                               Second [revoked]

`,
    );
  });

  it('shows no text that moves the cursor or the direction', () => {
    const text = textIndex('a\u001B[2Jb\nc\u202Ed', [
      certificateState({ userIds: [userIdState('x\u001B]0;y\u0007\r\n\u2066z')] }),
    ]);
    expect(text.replaceAll('\n', '')).not.toMatch(/[\p{Cc}\p{Cf}]/u);
    expect(text).toMatch(/^Search results for 'a\uFFFD\[2Jb\uFFFDc\uFFFDd'\n/);
  });

  it('says what is revoked and expired', () => {
    const text = textIndex('x', [certificateState({ revoked: true }), certificateState({ expired: true })]);
    expect(text).toMatch(
      /Bob <bob@example.org> \*\*\* KEY REVOKED \*\*\*\n[^]*Bob <bob@example.org> \[expired\]\n/,
    );
  });
});

describe('the index as JSON', () => {
  it('has the fields of draft-ietf-openpgp-hkp Tables 8 to 11', () => {
    const state = certificateState({
      expires: 1_600_000_000,
      subkeys: [
        {
          version: 4,
          fingerprint: 'ABCDEF',
          keyId: '0',
          algorithm: { number: 1, name: 'RSA', bits: 3072 },
          created: 0,
          expired: false,
          revoked: true,
          flags: 2,
        },
      ],
    });
    expect(jsonIndex([state])).toEqual([
      {
        version: 4,
        fingerprint: FINGERPRINT.toLowerCase(),
        creation: '2018-11-01T16:05:17Z',
        expiration: '2020-09-13T12:26:40Z',
        isExpired: false,
        isRevoked: false,
        algorithm: { code: 22, name: 'EdDSA' },
        userIDs: [
          {
            uidString: 'Bob <bob@example.org>',
            creation: '2018-11-01T16:05:17Z',
            isExpired: false,
            isRevoked: false,
          },
        ],
        subkeys: [
          {
            version: 4,
            fingerprint: 'abcdef',
            creation: '1970-01-01T00:00:00Z',
            isExpired: false,
            isRevoked: true,
            algorithm: { code: 1, name: 'RSA', bitLength: 3072 },
          },
        ],
      },
    ]);
  });
});
