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
 * Counters kept per budget, whatever the number of clients: some 8 MB when all are in use. Clients whose
 * keyed hash is the same share one; which do so cannot be known or chosen from outside.
 */
export const MAX_COUNTERS = 65_536;

/**
 * Addresses, each with what proxies added to it, of which it is known how they are counted: at 300 octets each, 1 MB.
 * When there are more, all are found anew.
 */
export const MAX_KNOWN_ORIGINS = 4096;

/** Characters of one of them: two IPv6 addresses and a few proxies. */
export const MAX_ORIGIN_LENGTH = 192;

/**
 * Pushes of one token, wherever they come from: as many as of one address, so that a token that got into the
 * wrong hands cannot be used from a hundred hosts at once.
 */
export const DEFAULT_TOKEN_BUDGET: Budget = { requests: 60, seconds: 60 };

/**
 * Tokens kept, revoked and expired ones included: one for each person of a large site, and few enough to be
 * read whole for a list. The oldest that is no longer good makes room for a new one.
 */
export const MAX_TOKENS = 10_000;

/** Characters of a token's name: a person, a host or a job, on one line of a list. */
export const MAX_TOKEN_NAME_LENGTH = 64;

/** Rules of one token, of all kinds together. A project has a few domains; a longer list wants the role admin. */
export const MAX_RULES_PER_TOKEN = 64;

/** Characters of an address or a domain in a rule (RFC 5321 §4.5.3.1.3: a path has 256 with its brackets). */
export const MAX_RULE_LENGTH = 254;

/** How old the time of a token's last use may be before it is written again: it costs a durable write. Milliseconds. */
export const LAST_USE_INTERVAL = 60_000;

/** Characters of a header with credentials. A token has 87; Basic adds a name and a third. */
export const MAX_CREDENTIALS_LENGTH = 1024;
