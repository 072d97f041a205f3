/* Where the settings of the keystore come from, besides its file. */

/** Settings that can be given on the command line; absent ones are taken from elsewhere. */
export interface ServerFlags {
  readonly config?: string | undefined;
  readonly listen?: string | undefined;
  readonly data?: string | undefined;
  readonly store?: string | undefined;
}

export interface ServerConfigSources {
  readonly flags: ServerFlags;
  /** `process.env`, or what stands for it. An empty variable counts as not set. */
  readonly environment: Readonly<Record<string, string | undefined>>;
}

/*
 * Variables that are not listed are left alone, even if they begin with VOUCH_: Kubernetes sets
 * VOUCH_SERVICE_HOST, VOUCH_PORT and others of its own for a service that is called "vouch".
 */
export const VARIABLES: ReadonlyMap<string, string> = new Map([
  ['listen', 'VOUCH_LISTEN'],
  ['data', 'VOUCH_DATA'],
  ['store', 'VOUCH_STORE'],
  ['public_url', 'VOUCH_PUBLIC_URL'],
  ['log_level', 'VOUCH_LOG_LEVEL'],
  ['third_party', 'VOUCH_THIRD_PARTY'],
]);
