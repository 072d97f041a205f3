import * as fc from 'fast-check';
import { isIP } from 'node:net';
import { describe, expect, it } from 'vitest';
import { canonicalAddress, clientAddress, clientNetwork } from '../../src/access/client-address.ts';
import { parseNetworks } from '../../src/access/network.ts';

describe('canonicalAddress', () => {
  it.each([
    ['192.0.2.1', '192.0.2.1'],
    [' 192.0.2.1 ', '192.0.2.1'],
    ['192.0.2.1:4711', '192.0.2.1'],
    ['::ffff:192.0.2.1', '192.0.2.1'],
    ['::FFFF:C000:0201', '192.0.2.1'],
    ['2001:0DB8:0:0::1', '2001:db8::1'],
    ['[2001:db8::1]:443', '2001:db8::1'],
    ['[2001:db8::1]', '2001:db8::1'],
    ['fe80::1%eth0', 'fe80::1'],
  ])('writes %s as %s', (text, address) => {
    expect(canonicalAddress(text)).toBe(address);
  });

  it.each(['', 'unknown', '_hidden', 'example.org', '192.0.2', '1.2.3.4, 5.6.7.8', '[192.0.2.1'])(
    'takes %j for no address',
    (text) => {
      expect(canonicalAddress(text)).toBeUndefined();
    },
  );
});

describe('clientAddress', () => {
  const proxies = parseNetworks(['10.0.0.0/8', '::1']);

  it('H31 does not look at X-Forwarded-For of a peer that is not a trusted proxy', () => {
    expect(clientAddress('203.0.113.9', '198.51.100.1', proxies)).toBe('203.0.113.9');
  });

  it('H31 takes the rightmost hop that is not a trusted proxy', () => {
    expect(clientAddress('10.0.0.1', '198.51.100.1, 203.0.113.9, 10.0.0.2', proxies)).toBe('203.0.113.9');
  });

  it('H31 cannot be led further left by what a client writes', () => {
    expect(clientAddress('10.0.0.1', '10.0.0.3, 198.51.100.1', proxies)).toBe('198.51.100.1');
  });

  it('stays at the last hop it knows when an entry is no address', () => {
    expect(clientAddress('10.0.0.1', '198.51.100.1, unknown, 10.0.0.2', proxies)).toBe('10.0.0.2');
    expect(clientAddress('10.0.0.1', '', proxies)).toBe('10.0.0.1');
  });

  it('ends at the leftmost hop when all are trusted', () => {
    expect(clientAddress('::1', '10.0.0.3, 10.0.0.2', proxies)).toBe('10.0.0.3');
  });
});

/** Eight groups as an address in its canonical form. */
function write(groups: readonly number[]): string {
  return canonicalAddress(groups.map((group) => group.toString(16)).join(':')) ?? '';
}

describe('clientNetwork', () => {
  it.each([
    ['192.0.2.1', '192.0.2.1'],
    ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2::/64'],
    ['2001:db8::1', '2001:db8:0:0::/64'],
    ['2001:db8:1:2:3::', '2001:db8:1:2::/64'],
    ['::1', '0:0:0:0::/64'],
    ['::', '0:0:0:0::/64'],
    ['::1.2.3.4', '0:0:0:0::/64'],
    ['1::5:6:7:8', '1:0:0:0::/64'],
    ['1::4:5:6:7:8', '1:0:0:4::/64'],
  ])('counts %s as %s', (address, network) => {
    expect(clientNetwork(address)).toBe(network);
  });

  it('counts two IPv6 addresses together exactly when their first four groups are the same', () => {
    const groups = fc.array(fc.constantFrom(0, 1, 0xdb8, 0xffff), { minLength: 8, maxLength: 8 });
    fc.assert(
      fc.property(groups, groups, (one, other) => {
        fc.pre(isIP(write(one)) === 6 && isIP(write(other)) === 6);
        const same = one.slice(0, 4).join(':') === other.slice(0, 4).join(':');
        expect(clientNetwork(write(one)) === clientNetwork(write(other))).toBe(same);
      }),
    );
  });
});
