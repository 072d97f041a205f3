import { isIP, SocketAddress } from 'node:net';
import type { Networks } from './network.ts';

/** An IPv4 address that a dual-stack socket shows as IPv6 (RFC 4291 §2.5.5.2), as Node writes it. */
const MAPPED = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/u;

/** Proxies add a port to the address (RFC 7239 §6) or put IPv6 in brackets. */
const WITH_PORT = /^(?:\[([^\]]+)\](?::\d+)?|(\d+\.\d+\.\d+\.\d+):\d+)$/u;

/**
 * One spelling for each address: IPv6 in its short lower-case form without a zone, IPv4-mapped IPv6 as
 * IPv4. Undefined when the text is no address.
 */
export function canonicalAddress(text: string): string | undefined {
  const bare = text.trim();
  const port = WITH_PORT.exec(bare);
  const address = (port?.[1] ?? port?.[2] ?? bare).replace(/%.*$/u, '');
  const version = isIP(address);
  if (version === 0) return undefined;
  if (version === 4) return address;
  const short = new SocketAddress({ address, family: 'ipv6' }).address;
  return MAPPED.exec(short)?.[1] ?? short;
}

/**
 * The address a request came from. Each proxy appends the address it was called from to `X-Forwarded-For`,
 * so the header is read from its right end for as long as the hop that wrote the entry is trusted; what
 * stands further left is the client's own claim and is not looked at.
 */
export function clientAddress(peer: string, forwardedFor: string, trusted: Networks): string {
  let client = peer;
  const hops = forwardedFor.split(',');
  while (trusted.contains(client)) {
    const hop = canonicalAddress(hops.pop() ?? '');
    if (hop === undefined) return client;
    client = hop;
  }
  return client;
}

/**
 * What one client is counted as: an IPv4 address, or the /64 of an IPv6 address, since a single host is
 * given that many (RFC 6177 §2).
 */
export function clientNetwork(address: string): string {
  if (!address.includes(':')) return address;
  const [head = '', tail] = address.split('::');
  const left = head === '' ? [] : head.split(':');
  if (tail === undefined) return `${left.slice(0, 4).join(':')}::/64`;
  const right = tail === '' ? [] : tail.split(':');
  // A dotted IPv4 address at the end stands for two groups.
  const rightGroups = right.length + (right.at(-1)?.includes('.') === true ? 1 : 0);
  const zeros = Array.from({ length: Math.max(0, 8 - left.length - rightGroups) }, () => '0');
  return `${[...left, ...zeros, ...right].slice(0, 4).join(':')}::/64`;
}
