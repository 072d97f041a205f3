import fc from 'fast-check';
import { expect, it } from 'vitest';
import { HkpClientError } from '../../src/hkp/client/error.ts';
import { readIndex } from '../../src/hkp/client/index-answer.ts';

const ID = '4ADB097476BF6D4DC0F7F85097031C0F8C0218C7';

it('reads every field', () => {
  const text = `info:1:1\npub:${ID}:22:256:1541088317:1604160317:re\nuid:Bob %3a %2B %C3%AB <bob@example.org>:1541088317::\n`;
  expect(readIndex(text)).toEqual([
    {
      id: ID,
      algorithm: 22,
      bits: 256,
      created: 1_541_088_317,
      expires: 1_604_160_317,
      revoked: true,
      disabled: false,
      expired: true,
      userIds: ['Bob : + ë <bob@example.org>'],
    },
  ]);
});

it.each([
  ['no info line', `pub:${ID}:1:4096:1:2:\nuid:Bob:::\n`],
  ['CR LF', `info:1:1\r\npub:${ID}:1:4096:1:2:\r\nuid:Bob:::\r\n`],
  ['a wrong count', `info:1:7\npub:${ID}:1:4096:1:2:\nuid:Bob\n`],
  ['unknown lines', `info:1:1\npub:${ID}:1:4096:1:2:\nuat:::\nuid:Bob:1::\nsub:X\n`],
  ['lower case', `info:1:1\nPUB:${ID.toLowerCase()}:1:4096:1:2:\nUID:Bob\n`],
])('bears %s', (_, text) => {
  expect(readIndex(text)).toEqual([expect.objectContaining({ id: ID, bits: 4096, userIds: ['Bob'] })]);
});

it('bears missing and odd fields', () => {
  expect(readIndex(`pub:${ID}\npub:0x8C0218C7:EdDSA:null:none:\nuid:100%zz:\n`)).toEqual([
    expect.objectContaining({ id: ID, algorithm: undefined, created: undefined, revoked: false }),
    expect.objectContaining({ id: '8C0218C7', bits: undefined, created: undefined, userIds: ['100%zz'] }),
  ]);
});

it('passes over keys without a readable name, with their user IDs', () => {
  expect(readIndex(`pub:${ID}:1\nuid:Bob\npub:SHORT:1\nuid:Mallory\n`)).toEqual([
    expect.objectContaining({ userIds: ['Bob'] }),
  ]);
});

it.each(['', '<html></html>', 'no keys here'])('refuses %j, which is no index', (text) => {
  expect(() => readIndex(text)).toThrow(expect.objectContaining({ code: 'BAD_ANSWER' }));
});

it('reads any text or refuses it', () => {
  const line = fc.oneof(
    fc.string(),
    fc.constantFrom('info:1:1', `pub:${ID}:1:2:3:4:r`, 'uid:%', 'uid:%4', 'pub::'),
  );
  fc.assert(
    fc.property(fc.array(line), (lines) => {
      try {
        for (const { id } of readIndex(lines.join('\n'))) expect(id).toMatch(/^[0-9A-F]{8,64}$/);
      } catch (error) {
        if (!(error instanceof HkpClientError)) throw error;
      }
    }),
  );
});
