import { KeystoreError } from './error.ts';
import type { PageRequest, Term } from './keystore.ts';
import { MAX_TERMS_PER_SEARCH } from './limits.ts';
import { readPageToken } from './page-token.ts';
import { termSet } from './term-octets.ts';

/** What `find` was asked, checked. */
export interface Search {
  /** Each term once, as octets, in ascending order. */
  readonly terms: readonly Buffer[];
  readonly limit: number;
  /** Octets of the last fingerprint of the page before; undefined on the first page. */
  readonly after: Buffer | undefined;
}

/** Throws `BAD_QUERY` and `BAD_PAGE_TOKEN`. */
export function readSearch(terms: readonly Term[], page: PageRequest): Search {
  if (!Number.isSafeInteger(page.limit) || page.limit < 1) {
    throw new KeystoreError('BAD_QUERY', 'A page holds at least one certificate.');
  }
  const wanted = termSet(terms);
  if (wanted.length === 0 || wanted.length > MAX_TERMS_PER_SEARCH) {
    throw new KeystoreError(
      'BAD_QUERY',
      `A search has 1 to ${MAX_TERMS_PER_SEARCH} terms, not ${wanted.length}.`,
    );
  }
  const after = page.after === undefined ? undefined : readPageToken(wanted, page.after);
  return { terms: wanted, limit: page.limit, after };
}

/** Checks the argument of `changes`. Throws `BAD_QUERY`. */
export function requiredSequence(since: number): number {
  if (!Number.isSafeInteger(since) || since < 0) {
    throw new KeystoreError('BAD_QUERY', 'Changes are counted from 0 by whole numbers.');
  }
  return since;
}
