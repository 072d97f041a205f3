import type { Context } from 'koa';
import { canonicalAddress, clientAddress, clientNetwork } from '../access/client-address.ts';
import { parseNetworks } from '../access/network.ts';

/** What the client of a request is counted as, seen through proxies of these networks. Throws `BAD_NETWORK`. */
export function clientCounter(trustedProxies: readonly string[]): (ctx: Context) => string {
  const trusted = parseNetworks(trustedProxies);
  return ({ req }) => {
    const peer = canonicalAddress(req.socket.remoteAddress ?? '') ?? '0.0.0.0';
    const forwardedFor = String(req.headers['x-forwarded-for'] ?? '');
    return clientNetwork(clientAddress(peer, forwardedFor, trusted));
  };
}
