import { isIP } from 'node:net';

/** What `isNetwork` accepts, for messages. */
export const NETWORK_FORM = 'must be an IP address or a network, such as "10.0.0.0/8" or "2001:db8::/32"';

/** Whether a text is an IP address, alone or with a prefix length (RFC 4632 §3.1, RFC 4291 §2.3). */
export function isNetwork(text: string): boolean {
  const [address = '', prefix, ...rest] = text.split('/');
  const version = isIP(address);
  if (version === 0 || address.includes('%') || rest.length > 0) return false;
  if (prefix === undefined) return true;
  return /^\d{1,3}$/.test(prefix) && Number(prefix) <= (version === 4 ? 32 : 128);
}
