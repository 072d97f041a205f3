import { describe, expect, it } from 'vitest';
import { isNetwork } from '../../src/config/network.ts';

describe('isNetwork', () => {
  it.each(['127.0.0.1', '10.0.0.0/8', '0.0.0.0/0', '::1', '2001:db8::/32', '::/128'])(
    'accepts %s',
    (text) => {
      expect(isNetwork(text)).toBe(true);
    },
  );

  it.each([
    '',
    'localhost',
    '10.0.0.0/33',
    '10.0.0.0/',
    '10.0.0/8',
    '::/129',
    '::1/64/2',
    '10.0.0.0/a',
    'fe80::1%eth0',
  ])('refuses "%s"', (text) => {
    expect(isNetwork(text)).toBe(false);
  });
});
