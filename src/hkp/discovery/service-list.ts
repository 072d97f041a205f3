/*
 * What `singularity remote add` and Apptainer's read to find the services of a host. Their client wants an object
 * of objects and nothing else, and adds paths to each URI as it stands: none ends in a slash.
 */

/** One service; clients read `uri` only. */
export interface ListedService {
  readonly uri: string;
}

export interface ServiceList {
  readonly keystoreAPI: ListedService;
  readonly tokenAPI: ListedService;
  readonly libraryAPI: ListedService;
}

/** Where the list is asked for, under the address given to `remote add`. */
export const SERVICE_LIST_PATH = '/assets/config/config.prod.json';

/** Where `remote login` sends people for a token. */
export const TOKENS_PAGE_PATH = '/auth/tokens';

/** The token service, under the public address. */
export const TOKEN_SERVICE_PATH = '/token';

/** What a client adds to the URI of the token service to have a token looked at. */
export const TOKEN_STATUS_PATH = '/v1/token-status';

/**
 * `publicUrl`: without a slash at the end. `library`: a library elsewhere, if there is one. Without one the entry
 * names a place here where nothing is: `remote status` of SingularityCE 4 and Apptainer fails when there is no
 * entry, and shows `N/A` for this one.
 */
export function serviceList(publicUrl: string, library?: string): ServiceList {
  return {
    keystoreAPI: { uri: publicUrl },
    tokenAPI: { uri: `${publicUrl}${TOKEN_SERVICE_PATH}` },
    libraryAPI: { uri: library?.replace(/\/+$/, '') ?? `${publicUrl}/library` },
  };
}
