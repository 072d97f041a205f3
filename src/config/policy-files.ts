import { ConfigError } from './error.ts';

/** One file, as it was read; the shape that `parsePolicy` takes. */
export interface OwnedFile {
  readonly name: string;
  readonly octets: Uint8Array;
}

export interface Trust {
  /** User IDs that may own the files and the folders above them: root's and the service's own. */
  readonly owners: readonly number[];
}

/**
 * The files of a policy, in order: one file, or the `.toml` and `.json` files of a folder; with a file that is
 * called `policy.toml`, those of `policy.d` beside it.
 */
export function readPolicyFiles(path: string, trust: Trust): OwnedFile[] {
  throw new ConfigError('CONFIG_NOT_FOUND', `there is no policy ${path} ${trust.owners.join()}`);
}
