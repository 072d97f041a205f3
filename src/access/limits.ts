/** How often one client may ask. The window begins with its first request. */
export interface Budget {
  readonly requests: number;
  readonly seconds: number;
}

/**
 * Lookups are cheap, and a cluster of a thousand hosts behind one address may verify an image at the same
 * moment: none of them may be turned away, since Singularity does not ask twice.
 */
export const DEFAULT_LOOKUP_BUDGET: Budget = { requests: 1000, seconds: 10 };

/** A push costs the verification of every signature in it and a durable write; people push now and then. */
export const DEFAULT_PUSH_BUDGET: Budget = { requests: 60, seconds: 60 };

/** A reverse proxy on this host is not one client. Set `trustedProxies` to count the clients behind it. */
export const DEFAULT_EXEMPT_NETWORKS: readonly string[] = ['127.0.0.0/8', '::1'];

/**
 * Counters kept per budget, whatever the number of clients: some 25 MB when all are in use. Clients whose
 * keyed hash is the same share one; which do so cannot be known or chosen from outside.
 */
export const MAX_COUNTERS = 65_536;
