import type { LogLevel } from '../log.ts';
import type { ListenAddress } from './listen-address.ts';

/** What becomes of certifications by other keys; the modes of `third_party`. */
export type ThirdPartyMode = 'strip' | 'keep' | 'attested' | 'same-store';

/** The settings of `vouch serve`, checked and frozen. `config/server.toml` describes each. */
export interface ServerConfig {
  readonly listen: ListenAddress;
  /** Folder that holds everything the keystore writes, but for what is in `store`. */
  readonly data: string;
  /** URL of a database that holds the store, possibly with its password; undefined: it is in `data`. */
  readonly store: string | undefined;
  /** Where clients reach the keystore, without a slash at the end; undefined when not configured. */
  readonly publicUrl: string | undefined;
  /** A container library elsewhere, which clients that add this host as a remote are told of. */
  readonly libraryUrl: string | undefined;
  readonly logLevel: LogLevel;
  readonly thirdParty: ThirdPartyMode;
  /** Fingerprints of primary keys and subkeys that are refused: 40 or 64 upper-case hexadecimal digits. */
  readonly blocked: readonly string[];
  readonly limits: ServerLimits;
  readonly rateLimits: RateLimits;
  /** Where metrics are told, on a listener of their own; undefined: nowhere. */
  readonly metricsListen: ListenAddress | undefined;
  readonly access: AccessSettings;
  /** Undefined: plain HTTP. */
  readonly tls: TlsFiles | undefined;
  readonly backup: BackupSettings;
  readonly jobs: JobSettings;
  readonly weakKeys: WeakKeySettings;
  /** Undefined: no mails are sent, and no addresses proven. */
  readonly mail: MailSettings | undefined;
  /** Each with a name of its own. */
  readonly peers: readonly PeerSettings[];
}

/** Stands for a cron expression: the job runs only when it is asked for. */
export const SCHEDULE_OFF = 'off';

/** Who may push; `PushMode` of the access room. */
export interface AccessSettings {
  readonly mode: 'open' | 'token' | 'owner' | 'closed';
}

/** Paths of PEM files: the certificate with its chain, and its private key. */
export interface TlsFiles {
  readonly certificate: string;
  readonly key: string;
}

export interface BackupSettings {
  readonly folder: string;
  /** How many are kept. */
  readonly keep: number;
  readonly schedule: string;
}

/** Cron expressions in local time, or `SCHEDULE_OFF`. */
export interface JobSettings {
  readonly compact: string;
  readonly expiring: string;
  readonly tombstones: string;
  readonly weakKeys: string;
  /** Keys that expire within so many days are reported. */
  readonly expiringDays: number;
}

/** Another keystore that this one exchanges certificates with; `Peer` of the hkp room says what each means. */
export interface PeerSettings {
  readonly name: string;
  readonly url: string;
  readonly pull: 'changes' | 'list' | undefined;
  readonly fingerprints: readonly string[];
  readonly searches: readonly string[];
  readonly push: boolean;
  /** File with a token for the peer. */
  readonly tokenFile: string | undefined;
  readonly schedule: string;
}

/** How mails are sent that prove addresses; `publicUrl` is known then. */
export interface MailSettings {
  readonly host: string;
  readonly port: number;
  /** TLS from the first octet on; otherwise by STARTTLS. */
  readonly tls: boolean;
  readonly from: string;
  readonly user: string | undefined;
  /** There when `user` is. */
  readonly passwordFile: string | undefined;
  /** `required`: who has no token pushes only keys whose addresses are proven. */
  readonly proof: 'offered' | 'required';
}

/** What becomes of pushed keys that are weak: `flag` stores them and says so. */
export interface WeakKeySettings {
  readonly action: 'flag' | 'refuse';
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
