import { describe, expect, it } from 'vitest';
import { parseNetworks } from '../../src/access/network.ts';

describe('parseNetworks', () => {
  it.each([
    ['127.0.0.0/8', '127.1.2.3', '128.0.0.1'],
    ['10.1.2.3', '10.1.2.3', '10.1.2.4'],
    ['0.0.0.0/0', '203.0.113.7', '2001:db8::1'],
    ['::1', '::1', '::2'],
    ['2001:db8::/32', '2001:db8:ffff::1', '2001:db9::1'],
  ])('%s contains %s and not %s', (network, inside, outside) => {
    const networks = parseNetworks([network]);
    expect(networks.contains(inside)).toBe(true);
    expect(networks.contains(outside)).toBe(false);
  });

  it('contains nothing when nothing is named', () => {
    expect(parseNetworks([]).contains('127.0.0.1')).toBe(false);
  });

  it.each([
    '',
    'localhost',
    '10.0.0.0/33',
    '10.0.0.0/',
    '10.0.0.0/-1',
    '10.0.0.0/8/8',
    '::1/129',
    '10.0.0/8',
    'fe80::1%lo',
    '10.0.0.0/8 ',
  ])('refuses %j', (network) => {
    expect(() => parseNetworks([network])).toThrow(expect.objectContaining({ code: 'BAD_NETWORK' }));
  });
});
