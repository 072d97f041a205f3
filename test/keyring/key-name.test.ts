import { expect, it } from 'vitest';
import { readKeyName, theOnly } from '../../src/keyring/key-name.ts';

const FINGERPRINT = '4ADB097476BF6D4DC0F7F85097031C0F8C0218C7';

it('reads fingerprints and key IDs as people write them', () => {
  expect(readKeyName(FINGERPRINT)).toBe(FINGERPRINT);
  expect(readKeyName(`0x${FINGERPRINT.toLowerCase()}`)).toBe(FINGERPRINT);
  expect(readKeyName('4ADB 0974 76BF 6D4D C0F7  F850 9703 1C0F 8C02 18C7')).toBe(FINGERPRINT);
  expect(readKeyName('8c0218c7')).toBe('8C0218C7');
});

it.each(['', '0x', 'bob', '8C0218C', `${FINGERPRINT}00`, '8C0218CG'])(
  'does not take %j for a key',
  (text) => {
    expect(() => readKeyName(text)).toThrow(expect.objectContaining({ code: 'BAD_NAME' }));
  },
);

it('lists the candidates of a name that several keys have', () => {
  const other = FINGERPRINT.replace('4A', '5B');
  const refusal = {
    code: 'AMBIGUOUS',
    message: expect.stringContaining(`${FINGERPRINT}, ${other}`) as string,
  };
  expect(() => theOnly('8C0218C7', [FINGERPRINT, other], 'x')).toThrow(expect.objectContaining(refusal));
  expect(theOnly('8C0218C7', [FINGERPRINT, FINGERPRINT], 'x')).toBe(FINGERPRINT);
  expect(() => theOnly('8C0218C7', [], 'x')).toThrow(expect.objectContaining({ code: 'NO_SUCH_KEY' }));
});
