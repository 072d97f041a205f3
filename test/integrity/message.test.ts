import { beforeAll, expect, test } from 'vitest';

import type { VerifyOptions } from '../../src/integrity/verify-image.ts';
import { buildImage, clearSigned, payloadOf, signatureObject, twoObjects } from '../fixtures/sif-image.ts';
import { DAY, EPOCH, sub, subpackets, TestKey } from '../fixtures/test-key.ts';
import type { SignOptions } from '../fixtures/test-key.ts';
import { NOW } from '../openpgp/checked.ts';
import { certificateOf, keySource, outcomes, verify } from './verified.ts';

const alice = new TestKey();
let options: Partial<VerifyOptions>;
beforeAll(async () => {
  options = { keys: keySource(await certificateOf(alice)) };
});

const good = payloadOf(twoObjects());

/** What becomes of a signature object with this content, on two objects. */
async function outcomeOf(content: Buffer): Promise<string | undefined> {
  const signature = signatureObject(content, { fingerprint: alice.fingerprint });
  const report = await verify(buildImage([...twoObjects(), signature]), options);
  const [outcome] = outcomes(report)[0] ?? [];
  expect(report.verified).toBe(outcome?.startsWith('valid'));
  return outcome;
}

const signed = (text: string, how: SignOptions & { type?: number; headers?: string } = {}) =>
  outcomeOf(clearSigned(alice, text, how));

test('7.4 CVE-2025-47934: a flipped octet of the text, a cut signature and an inline-signed message are refused', async () => {
  const message = clearSigned(alice, good);
  const flipped = Buffer.from(message.toString().replace('"relativeId":1', '"relativeId":3'));
  expect(await outcomeOf(flipped)).toBe('BAD_SIGNATURE');
  expect(await outcomeOf(message.subarray(0, message.length - 60))).toBe('BAD_FORMAT');
  const inline = Buffer.from(message.toString().replaceAll('PGP SIGNED MESSAGE', 'PGP MESSAGE'));
  expect(await outcomeOf(inline)).toBe('BAD_FORMAT');
  expect(await outcomeOf(Buffer.alloc(0))).toBe('BAD_FORMAT');
});

test.each([
  ['md5', 'md5'],
  ['sha1', 'sha1'],
  ['sha3_256', 'sha3-256'],
  ['blake2s_256', 'blake2s256'],
  ['ripemd160', 'ripemd160'],
  ['SHA256', 'sha256'],
] as const)('7.4 digests named %s are refused', async (...digest) => {
  expect(await signed(payloadOf(twoObjects(), { digest }))).toBe('BAD_METADATA');
});

test.each([
  ['sha224', 'sha224'],
  ['sha384', 'sha384'],
  ['sha512', 'sha512'],
  ['sha512_224', 'sha512-224'],
  ['sha512_256', 'sha512-256'],
] as const)('7.4 digests named %s are accepted', async (...digest) => {
  expect(await signed(payloadOf(twoObjects(), { digest }))).toBe('valid 1,2');
});

const first = good.slice(good.indexOf('[') + 1, good.indexOf('},{') + 1);
test.each([
  ['version 0', good.replace('"version":1', '"version":0')],
  ['version 2', good.replace('"version":1', '"version":2')],
  ['no version', good.replace('"version":1,', '')],
  ['version 1.0', good.replace('"version":1', '"version":1.0')],
  ['a key in upper case', good.replace('"version"', '"Version"')],
  ['a key twice', good.replace('"version":1', '"version":1,"version":1')],
  ['an unknown field', good.replace('"version":1', '"version":1,"more":1')],
  [
    'upper-case hexadecimal',
    good.replace(/sha256:([0-9a-f]+)/, (_, hex: string) => `sha256:${hex.toUpperCase()}`),
  ],
  ['a relative ID twice', good.replace(first, `${first},${first}`)],
  [
    'objects out of order',
    good
      .replace(first, '@')
      .replace(/,(\{.*\})\]/, `,${first}]`)
      .replace('@', good.slice(good.indexOf('},{') + 2, -2)),
  ],
  ['keys in another order', good.replace(/"version":1,(.*),("objects".*)\}$/, '$1,"version":1,$2}')],
])('7.4 metadata with %s are refused (stricter than Go)', async (_, text) => {
  expect(text).not.toBe(good);
  expect(await signed(text)).toBe('BAD_METADATA');
});

test.each([
  ['the version as text', good.replace('"version":1', '"version":"1"')],
  ['a relative ID of 1.0', good.replace('"relativeId":1', '"relativeId":1.0')],
  ['a relative ID of -1', good.replace('"relativeId":0', '"relativeId":-1')],
  ['a relative ID of -0', good.replace('"relativeId":0', '"relativeId":-0')],
  ['a relative ID of 2^32 + 1', good.replace('"relativeId":1', '"relativeId":4294967297')],
  ['a relative ID beyond 2^53', good.replace('"relativeId":1', '"relativeId":9007199254740993')],
  ['a relative ID of 1e0', good.replace('"relativeId":1', '"relativeId":1e0')],
  ['no header', good.replace(/"header":\{[^}]*\},/, '')],
  ['no objects', good.replace(/,"objects":.*$/, '}')],
  ['an empty list of objects', good.replace(/"objects":.*$/, '"objects":[]}')],
  ['text behind', `${good}x`],
  ['a second value', `${good}{}`],
  ['a byte order mark', `\uFEFF${good}`],
  ['a digest of the wrong length', good.replace(/sha256:../, 'sha256:')],
  ['deep nesting', `${'['.repeat(50_000)}${']'.repeat(50_000)}`],
])('7.4 metadata with %s are refused', async (_, text) => {
  expect(text).not.toBe(good);
  expect(await signed(text)).toBe('BAD_METADATA');
});

test('7.4 a key named __proto__ is refused and pollutes nothing', async () => {
  expect(await signed(good.replace('{"version"', '{"__proto__":{"polluted":1},"version"'))).toBe(
    'BAD_METADATA',
  );
  expect({}).not.toHaveProperty('polluted');
});

test('7.4 white space between tokens is accepted, as in Go', async () => {
  expect(await signed(JSON.stringify(JSON.parse(good), undefined, 2))).toBe('valid 1,2');
});

test('7.4 a signature object of megabytes is refused as a format', async () => {
  await expect(outcomeOf(Buffer.alloc(10 * 1024 * 1024, 0x20))).rejects.toMatchObject({ code: 'TOO_LARGE' });
});

test('7.4 text before and after the message is refused (stricter than Go)', async () => {
  const message = clearSigned(alice, good).toString();
  expect(await outcomeOf(Buffer.from(`read me\n${message}`))).toBe('BAD_FORMAT');
  expect(await outcomeOf(Buffer.from(`\n${message}`))).toBe('BAD_FORMAT');
  expect(await outcomeOf(Buffer.from(`${message}\nread me\n`))).toBe('BAD_FORMAT');
  expect(await outcomeOf(Buffer.from(`EVIL${message}`))).toBe('BAD_FORMAT');
});

test('7.4 two messages in one object are refused (stricter than Go)', async () => {
  const message = clearSigned(alice, good).toString();
  expect(await outcomeOf(Buffer.from(`${message}\n${message}`))).toBe('BAD_FORMAT');
});

test('7.4 two signature packets in one message are refused (stricter than Go)', async () => {
  const [one, two] = [clearSigned(alice, good), clearSigned(new TestKey(), good)].map((message) =>
    message.toString().split('\n\n').at(-1)?.split('\n-----END')[0]?.replaceAll('\n', ''),
  );
  const packets = Buffer.concat([Buffer.from(one ?? '', 'base64'), Buffer.from(two ?? '', 'base64')]);
  const message = clearSigned(alice, good)
    .toString()
    .replace(/(SIGNATURE-----\n\n)[^-]*/, `$1${packets.toString('base64')}\n`);
  expect(await outcomeOf(Buffer.from(message))).toBe('BAD_FORMAT');
});

test.each([
  ['another header', 'Hash: SHA256\nComment: hello\n'],
  ['an unknown hash', 'Hash: WHIRLPOOL\n'],
])('7.4 CVE-2019-11841: a message with %s is refused', async (_, headers) => {
  expect(await signed(good, { headers })).toBe('BAD_FORMAT');
});

test('7.4 CVE-2025-68972: a form feed at the end of the text is refused', async () => {
  const message = clearSigned(alice, good).toString().replace('}]}\n', '}]}\f\n');
  expect(await outcomeOf(Buffer.from(message))).toBe('BAD_SIGNATURE');
});

test('7.4 the Hash header may be missing, and may not be wrong (stricter than Go)', async () => {
  expect(await signed(good, { headers: '' })).toBe('valid 1,2');
  expect(await signed(good, { headers: 'Hash: SHA512\n' })).toBe('BAD_FORMAT');
  expect(await signed(good, { headers: 'Hash: MD5\n' })).toBe('BAD_FORMAT');
});

test('7.4 CR LF and blanks at the end of a line are accepted', async () => {
  const message = clearSigned(alice, good).toString();
  expect(await outcomeOf(Buffer.from(message.replaceAll('\n', '\r\n')))).toBe('valid 1,2');
  expect(await outcomeOf(Buffer.from(message.replace('}]}\n', '}]} \t\n')))).toBe('valid 1,2');
});

test('7.4 a signature over binary data counts like one over text', async () => {
  expect(await signed(good, { type: 0x00 })).toBe('valid 1,2');
  expect(await signed(good, { type: 0x13 })).toBe('WRONG_TYPE');
});

test('7.4 a critical notation, an expired signature and one from the future are refused', async () => {
  const notation = sub(20, [0x80, 0, 0, 0, 0, 3, 0, 1, ...Buffer.from('a@b1')], true);
  expect(await signed(good, { hashed: [notation] })).toBe('UNKNOWN_CRITICAL');
  expect(await signed(good, { hashed: [subpackets.notation(4)] })).toBe('valid 1,2');
  expect(await signed(good, { hashed: [subpackets.expires(DAY)] })).toBe('SIGNATURE_EXPIRED');
  expect(await signed(good, { created: NOW + DAY })).toBe('SIGNATURE_FROM_FUTURE');
  expect(await signed(good, { created: EPOCH - DAY })).toBe('valid 1,2');
});
