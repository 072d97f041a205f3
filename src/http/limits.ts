/** Bounds on connections and requests, with the reason for each default. All times are milliseconds. */
export interface ListenLimits {
  /**
   * Octets of request line and headers. Singularity 3.0 puts the whole keytext into the address as well
   * (hkp.md 2.5), and a percent-encoded RSA-4096 certificate with a few user IDs takes 10 to 60 KiB.
   */
  readonly headerOctets: number;
  /** Time for the headers of a request. A client that needs longer is broken or an attack. */
  readonly headersTimeout: number;
  /** Time for a whole request with its body: 2 MiB at 35 kB/s. */
  readonly requestTimeout: number;
  /** How long an idle connection is kept: longer than a person between two clicks, and little memory. */
  readonly keepAliveTimeout: number;
  /** Time without a byte in either direction, for clients that stop reading their answer. */
  readonly idleTimeout: number;
  /** How often the two request times are looked at (Node's own default is 30 s). */
  readonly checkInterval: number;
  /** Connections open at once: below the usual 4096 file descriptors of a service, LevelDB's included. */
  readonly connections: number;
  /** Connections of one address at once, so that one host with slow sockets cannot take them all. */
  readonly connectionsPerAddress: number;
  /** On shutdown: time for requests in flight, below the 30 s of common process managers. */
  readonly drain: number;
}

export const DEFAULT_LISTEN_LIMITS: ListenLimits = {
  headerOctets: 128 * 1024,
  headersTimeout: 10_000,
  requestTimeout: 60_000,
  keepAliveTimeout: 5_000,
  idleTimeout: 60_000,
  checkInterval: 2_000,
  connections: 2_048,
  connectionsPerAddress: 512,
  drain: 10_000,
};

/**
 * How much of a refused body is read and thrown away, and for how long, before the connection is closed. A
 * connection closed with unread data is reset, and the client may lose the answer that says why: gpg sends
 * its whole upload before it looks. Larger bodies are cut off at once.
 */
export const MAX_DISCARDED_OCTETS: number = 8 * 1024 * 1024;
export const MAX_DISCARD_TIME = 2_000;
