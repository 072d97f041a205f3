import { expect, it } from 'vitest';
import { partitionExtra, signatureExtra } from '../../src/sif/write-extra.ts';

it.each([20, 32])('a signature has room for a fingerprint of %i octets', (length) => {
  const extra = signatureExtra(1, new Uint8Array(length).fill(0xab));
  expect(extra).toHaveLength(260);
  expect([...extra.subarray(0, 4)]).toEqual([1, 0, 0, 0]);
  expect(extra.subarray(4).findLastIndex((octet) => octet !== 0)).toBe(length - 1);
});

it('refuses what has no place in a descriptor', () => {
  const refusal = expect.objectContaining({ code: 'BAD_INPUT' });
  expect(() => signatureExtra(1, new Uint8Array(21))).toThrow(refusal);
  expect(() => partitionExtra(1, 2, 'vax')).toThrow(refusal);
});
