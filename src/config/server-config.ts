import type { LogLevel } from '../log.ts';
import type { ListenAddress } from './listen-address.ts';

/** What becomes of certifications by other keys; the modes of `third_party`. */
export type ThirdPartyMode = 'strip' | 'keep' | 'attested' | 'same-store';

/** The settings of `vouch serve`, checked and frozen. `config/server.toml` describes each. */
export interface ServerConfig {
  readonly listen: ListenAddress;
  /** Folder that holds everything the keystore writes. */
  readonly data: string;
  /** Where clients reach the keystore, without a slash at the end; undefined when not configured. */
  readonly publicUrl: string | undefined;
  readonly logLevel: LogLevel;
  readonly thirdParty: ThirdPartyMode;
  /** Fingerprints of primary keys and subkeys that are refused: 40 or 64 upper-case hexadecimal digits. */
  readonly blocked: readonly string[];
  readonly limits: ServerLimits;
  readonly rateLimits: RateLimits;
}

/** Bounds on uploads and answers. Sizes are in octets. */
export interface ServerLimits {
  readonly uploadOctets: number;
  readonly certificateOctets: number;
  readonly keyOctets: number;
  readonly signatureOctets: number;
  readonly userIdOctets: number;
  readonly userIds: number;
  readonly subkeys: number;
  readonly selfSignatures: number;
  /** Certificates on a page of an index when the client does not say. */
  readonly pageSize: number;
}

/** How often one client may ask. */
export interface Budget {
  readonly requests: number;
  /** Length of the window in seconds. */
  readonly seconds: number;
}

/** Networks are addresses, or addresses with a prefix length. */
export interface RateLimits {
  readonly lookups: Budget;
  readonly pushes: Budget;
  readonly exempt: readonly string[];
  readonly trustedProxies: readonly string[];
}
