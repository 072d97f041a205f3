import type { LogLevel } from '../log.ts';
import type { ListenAddress } from './listen-address.ts';

/**
 * The settings of `vouch daemon`, checked and frozen; `config/daemon.toml` describes each. Paths are absolute, times
 * are milliseconds, sizes are octets.
 */
export interface DaemonConfig {
  /** The settings file; undefined: none was read. */
  readonly file: string | undefined;
  /** Folder of what the daemon remembers. */
  readonly state: string;
  /** Folders of certificates, or single keyring files. */
  readonly keys: readonly string[];
  /** Addresses of key servers; may be none. */
  readonly keystores: readonly string[];
  /** The policy: a file, or a folder of `.toml` files. */
  readonly policy: string;
  /** The admin socket. The other sockets lie beside it. */
  readonly socket: string;
  /** User IDs that get a socket of their own at the start. */
  readonly callers: readonly number[];
  /** Whether there is a socket for everybody. */
  readonly publicSocket: boolean;
  /** A TCP address of this host that answers `/metrics` only. */
  readonly metricsListen: ListenAddress | undefined;
  readonly logLevel: LogLevel;
  readonly log: DecisionLogConfig;
  readonly limits: DaemonLimits;
  readonly refresh: RefreshConfig;
  readonly sweep: SweepConfig;
  readonly promote: PromoteConfig;
  /** By how much clocks may differ before it is told. */
  readonly clockSkew: number;
}

export interface DecisionLogConfig {
  readonly folder: string;
  /** Written to the disk within a second, or before each answer. */
  readonly sync: 'batched' | 'each';
  /** A new file is begun past this size. */
  readonly rotateOctets: number;
  /** Between two signed checkpoints. */
  readonly checkpointInterval: number;
  /** Full files that stay; 0: all. */
  readonly keep: number;
}

export interface DaemonLimits {
  /** Of an image. */
  readonly imageOctets: number;
  /** Threads that read images. */
  readonly workers: number;
  /** Images that may wait to be read, of all callers and of one. */
  readonly queue: number;
  readonly queuePerCaller: number;
  /** The longest that a caller may wait for its answer. */
  readonly maxWait: number;
}

export interface RefreshConfig {
  /** Cron expression: when to look for keys that are due. */
  readonly schedule: string;
  /** After which a key is due. */
  readonly keyInterval: number;
}

export interface SweepConfig {
  /** Folders of images that are looked at by schedule. */
  readonly folders: readonly string[];
  readonly schedule: string;
  /** In which every known file is read once more; 0: none is. */
  readonly rehashPeriod: number;
  /** Octets in a second that this may take. */
  readonly rehashRate: number;
}

export interface PromoteConfig {
  /** Folder for images that nobody can change any more; undefined: nothing is promoted. */
  readonly store: string | undefined;
}
