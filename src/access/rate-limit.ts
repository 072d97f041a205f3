import type { Context, Middleware } from 'koa';
import { HttpError } from '../http/error.ts';
import { canonicalAddress, clientAddress, clientNetwork } from './client-address.ts';
import { ClientBudget } from './client-budget.ts';
import {
  DEFAULT_EXEMPT_NETWORKS,
  DEFAULT_LOOKUP_BUDGET,
  DEFAULT_PUSH_BUDGET,
  MAX_KNOWN_ORIGINS,
  MAX_ORIGIN_LENGTH,
  type Budget,
} from './limits.ts';
import { parseNetworks } from './network.ts';

export interface RateLimitOptions {
  /** Per client, for requests that read. */
  readonly lookups: Budget;
  /** Per client, for requests that may write. */
  readonly pushes: Budget;
  /** Networks whose clients are not counted. */
  readonly exempt: readonly string[];
  /** Networks of proxies whose `X-Forwarded-For` is believed. */
  readonly trustedProxies: readonly string[];
  /** Paths that are never refused: what a load balancer asks to see whether this process lives. */
  readonly uncountedPaths: readonly string[];
}

const DEFAULTS: RateLimitOptions = {
  lookups: DEFAULT_LOOKUP_BUDGET,
  pushes: DEFAULT_PUSH_BUDGET,
  exempt: DEFAULT_EXEMPT_NETWORKS,
  trustedProxies: [],
  uncountedPaths: ['/healthz', '/readyz', '/pks/health'],
};

/** OPTIONS costs nothing and a browser sends it unasked (Fetch §4.8). */
const UNCOUNTED_METHODS: ReadonlySet<string> = new Set(['OPTIONS']);
const LOOKUP_METHODS: ReadonlySet<string> = new Set(['GET', 'HEAD']);

/** How the requests of a client are counted; undefined when they are not. */
interface Counted {
  readonly lookups: string;
  readonly pushes: string;
}

/** What each client may ask for in a time. Throws `BAD_NETWORK` for networks that cannot be read. */
export class RateLimit {
  readonly #lookups: ClientBudget;
  readonly #pushes: ClientBudget;
  readonly #countersOf: (request: Context['req']) => Counted | undefined;
  readonly #uncounted: ReadonlySet<string>;
  /** What a request that was refused has to wait for: whoever refused it may pass it on to who says so. */
  readonly #refused = new WeakMap<Context['req'], number>();

  constructor(options: Partial<RateLimitOptions> = {}) {
    const settings = { ...DEFAULTS, ...options };
    this.#lookups = new ClientBudget(settings.lookups);
    this.#pushes = new ClientBudget(settings.pushes);
    this.#countersOf = counterFinder(settings, this.#lookups, this.#pushes);
    this.#uncounted = new Set(settings.uncountedPaths);
  }

  /** Counts a request. The milliseconds to wait when the budget of its client is used up, else undefined. */
  spend(request: Context['req'], path: string): number | undefined {
    const method = request.method ?? '';
    if (UNCOUNTED_METHODS.has(method) || this.#uncounted.has(path)) return undefined;
    const before = this.#refused.get(request);
    if (before !== undefined) return before;
    const counted = this.#countersOf(request);
    if (counted === undefined) return undefined;
    const wait = LOOKUP_METHODS.has(method)
      ? this.#lookups.spend(counted.lookups)
      : this.#pushes.spend(counted.pushes);
    if (wait !== undefined) this.#refused.set(request, wait);
    return wait;
  }

  /**
   * Refuses requests of a client that used up its budget with `TOO_MANY_REQUESTS` and a `Retry-After`. 429,
   * never 503: dirmngr gives up a host that answers 502 to 504 for more than an hour.
   */
  middleware(): Middleware {
    return (ctx, next) => {
      const wait = this.spend(ctx.req, ctx.path);
      if (wait !== undefined) throw refusedBudget(wait, 'requests from your network');
      return next();
    };
  }
}

/** A budget of `what` that is used up for so many milliseconds. */
export function refusedBudget(milliseconds: number, what: string): HttpError {
  const seconds = Math.max(1, Math.ceil(milliseconds / 1000));
  return new HttpError('TOO_MANY_REQUESTS', `too many ${what}; try again in ${seconds} s`, {
    headers: { 'Retry-After': String(seconds) },
  });
}

function counterFinder(
  settings: RateLimitOptions,
  lookups: ClientBudget,
  pushes: ClientBudget,
): (request: Context['req']) => Counted | undefined {
  const exempt = parseNetworks(settings.exempt);
  const trusted = parseNetworks(settings.trustedProxies);
  /** By the peer and what proxies said: clients come with many connections, and proxies with many requests of one client. */
  const known = new Map<string, Counted | undefined>();

  const find = (peer: string, forwardedFor: string): Counted | undefined => {
    // A peer without an address has hung up already, or came over a Unix socket.
    const address = clientAddress(canonicalAddress(peer) ?? '0.0.0.0', forwardedFor, trusted);
    if (exempt.contains(address)) return undefined;
    const client = clientNetwork(address);
    return { lookups: lookups.counterOf(client), pushes: pushes.counterOf(client) };
  };

  return ({ socket: { remoteAddress: peer = '' }, headers }) => {
    const forwardedFor = String(headers['x-forwarded-for'] ?? '');
    const origin = forwardedFor === '' ? peer : `${peer} ${forwardedFor}`;
    if (known.has(origin)) return known.get(origin);
    const counted = find(peer, forwardedFor);
    if (origin.length <= MAX_ORIGIN_LENGTH) {
      if (known.size >= MAX_KNOWN_ORIGINS) known.clear();
      known.set(origin, counted);
    }
    return counted;
  };
}
