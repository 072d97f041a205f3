import { BlockList, isIP } from 'node:net';
import { AccessError } from './error.ts';

/** A set of addresses. Ask it only with what `canonicalAddress` returned. */
export interface Networks {
  contains(address: string): boolean;
}

const PREFIX_BITS = { 4: 32, 6: 128 } as const;

function addNetwork(list: BlockList, network: string): void {
  const [address = '', prefix, ...rest] = network.split('/');
  const version = isIP(address);
  const bits = version === 4 || version === 6 ? PREFIX_BITS[version] : 0;
  const length = prefix === undefined ? bits : /^\d{1,3}$/u.test(prefix) ? Number(prefix) : Number.NaN;
  if (bits === 0 || address.includes('%') || rest.length > 0 || !(length <= bits)) {
    throw new AccessError(
      'BAD_NETWORK',
      `"${network}" is not a network: write an address, or an address and a prefix length such as 10.0.0.0/8 or 2001:db8::/32`,
    );
  }
  list.addSubnet(address, length, version === 4 ? 'ipv4' : 'ipv6');
}

/** From addresses and CIDR prefixes, IPv4 and IPv6. Throws `BAD_NETWORK`. */
export function parseNetworks(networks: readonly string[]): Networks {
  const list = new BlockList();
  for (const network of networks) addNetwork(list, network);
  return {
    contains: (address) => list.check(address, address.includes(':') ? 'ipv6' : 'ipv4'),
  };
}
