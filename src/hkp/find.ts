import type { Keystore, Term } from '../keystore/keystore.ts';
import { parseCertificate } from '../openpgp/certificate.ts';
import { certificateState, type CertificateState } from '../openpgp/state.ts';
import { stateEnd } from '../openpgp/state-end.ts';
import { HkpError } from './error.ts';
import { MAX_STORE_PAGES } from './limits.ts';
import type { HkpService } from './service.ts';

/** Whether a certificate may be in an answer, by the fingerprint of its primary key. */
export type Visible = (fingerprint: string) => boolean;

export const everyVersion: Visible = () => true;

/**
 * Certificates of version 4: a v6 fingerprint has 64 digits. gpg 2.2 and the Go clients fail on a keyring or
 * an index that holds others (hkp.md rule 30).
 */
export const legacyOnly: Visible = (fingerprint) => fingerprint.length === 40;

export interface Found {
  readonly fingerprints: readonly string[];
  /** To be given back as `after`; absent when nothing more is there. */
  readonly next?: string;
  /** Matches that were passed over because they are not visible. */
  readonly hidden: number;
}

export interface FirstFound extends Found {
  /** How many of the searches it took. */
  readonly tried: number;
}

/** A certificate as it is held. */
export interface HeldCertificate {
  readonly fingerprint: string;
  readonly bytes: Uint8Array;
}

export interface States {
  readonly states: readonly CertificateState[];
  /** Seconds since 1970: when they are like this, and when the first of them may change by time alone. */
  readonly at: number;
  readonly until: number;
}

/** At most `limit` visible certificates that carry all the terms, by ascending fingerprint. */
export async function findVisible(
  keystore: Keystore,
  terms: readonly Term[],
  { limit, after }: { readonly limit: number; readonly after?: string | undefined },
  visible: Visible,
): Promise<Found> {
  const fingerprints: string[] = [];
  let hidden = 0;
  let token = after;
  for (let pages = 0; pages < MAX_STORE_PAGES; pages += 1) {
    const request = { limit: limit - fingerprints.length, ...(token === undefined ? {} : { after: token }) };
    const page = await keystore.find(terms, request);
    const seen = page.fingerprints.filter(visible);
    hidden += page.fingerprints.length - seen.length;
    fingerprints.push(...seen);
    token = page.next;
    if (token === undefined || fingerprints.length >= limit) break;
  }
  return { fingerprints, hidden, ...(token === undefined ? {} : { next: token }) };
}

/**
 * What the outcome of searches depends on, of which each wants all of its terms: one of each. A certificate that has
 * none of these is found by none of them.
 */
export function termsTried(searches: readonly (readonly Term[])[]): Term[] {
  const tried: Term[] = [];
  for (const [term] of searches) if (term !== undefined) tried.push(term);
  return tried;
}

/**
 * The first of several searches that finds something. The token for the next page says which one it was, so
 * that a page never continues another search than the one before it.
 */
export async function findFirst(
  keystore: Keystore,
  searches: readonly (readonly Term[])[],
  { limit, token }: { readonly limit: number; readonly token?: string | undefined },
  visible: Visible,
): Promise<FirstFound> {
  if (token !== undefined) {
    const [, index = '', after = ''] = /^(\d{1,2})\.(.+)$/.exec(token) ?? [];
    const terms = searches[Number(index)];
    if (index === '' || terms === undefined) {
      throw new HkpError('BAD_PAGE_TOKEN', 'the page token is not one that this search was given');
    }
    return withIndex(await findVisible(keystore, terms, { limit, after }, visible), Number(index));
  }
  let hidden = 0;
  for (const [index, terms] of searches.entries()) {
    const found = await findVisible(keystore, terms, { limit }, visible);
    if (found.fingerprints.length > 0) return withIndex(found, index);
    hidden += found.hidden;
  }
  return { fingerprints: [], hidden, tried: searches.length };
}

function withIndex(found: Found, index: number): FirstFound {
  const tried = index + 1;
  return found.next === undefined ? { ...found, tried } : { ...found, tried, next: `${index}.${found.next}` };
}

/**
 * The certificates found a moment ago, read as they are now; one that was removed since is left out.
 */
export async function loadCertificates(
  keystore: Keystore,
  fingerprints: readonly string[],
): Promise<HeldCertificate[]> {
  const held: HeldCertificate[] = [];
  const read = await Promise.all(fingerprints.map((fingerprint) => keystore.bytes(fingerprint)));
  for (const [index, fingerprint] of fingerprints.entries()) {
    const bytes = read[index];
    if (bytes !== undefined) held.push({ fingerprint, bytes });
  }
  return held;
}

/**
 * What the certificates say of themselves now. Bytes that cannot be read were checked when they came, so the
 * store is damaged: that one is left out and logged, and the rest is served.
 */
export async function loadStates(service: HkpService, fingerprints: readonly string[]): Promise<States> {
  const at = Math.floor(service.now() / 1000);
  const states: CertificateState[] = [];
  let until = Infinity;
  for (const { fingerprint, bytes } of await loadCertificates(service.keystore, fingerprints)) {
    try {
      const certificate = parseCertificate(bytes);
      states.push(certificateState(certificate, at));
      until = Math.min(until, stateEnd(certificate, at));
    } catch (error) {
      const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown';
      service.log.error('a stored certificate cannot be read; run "vouch keystore check"', {
        fingerprint,
        code,
      });
      // To be told again at the next request.
      until = at;
    }
  }
  return { states, at, until };
}
