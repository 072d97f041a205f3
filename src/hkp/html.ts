import type { Change, Tombstone } from '../keystore/keystore.ts';
import type { CertificateState } from '../openpgp/state.ts';
import type { ProvenAddress } from './address-proofs.ts';
import type { LeftOut } from '../openpgp/left-out.ts';
import type { ProveView } from './prove-view.ts';
import type { RefusedCertificate } from './submission.ts';

/** The page of one key. Times are seconds since 1970, but of changes: milliseconds. */
export interface KeyPage {
  readonly certificate: CertificateState;
  /** What keeps it or a subkey from being strong, by fingerprint, in words for people. */
  readonly weaknesses: ReadonlyMap<string, readonly string[]>;
  /** Addresses on it whose readers said that the key is theirs. */
  readonly proven: readonly ProvenAddress[];
  /** Newest first. */
  readonly history: readonly Change[];
  /** Older changes than these were left out. */
  readonly historyCut: boolean;
  /** Size of the certificate as it is stored. */
  readonly octets: number;
  readonly now: number;
  readonly origin: string | undefined;
}

/** One certificate of an upload, as it would be held after the push. */
export interface PreviewEntry {
  readonly outcome: 'inserted' | 'updated' | 'unchanged';
  /** Undefined when nothing is held yet. */
  readonly before: CertificateState | undefined;
  readonly after: CertificateState;
  readonly weaknesses: ReadonlyMap<string, readonly string[]>;
  readonly leftOut: readonly LeftOut[];
}

/** What a push would do, before it is done. */
export interface PreviewPage {
  readonly entries: readonly PreviewEntry[];
  /** How many more certificates there are. */
  readonly more: number;
  readonly refused: readonly RefusedCertificate[];
  /** The upload in armor, to be sent again; undefined when it is too long to be carried in a page. */
  readonly keytext: string | undefined;
}

/** Certificates held at the end of a day. */
export interface DayCount {
  /** Days since 1970. */
  readonly day: number;
  readonly certificates: number;
}

export interface StatsPage {
  readonly values: Readonly<Record<string, string | number>>;
  /** One entry for each day with a change, oldest first. */
  readonly days: readonly DayCount[];
  /** Seconds since 1970. */
  readonly now: number;
}

/** `/auth/tokens`, where `singularity remote login` sends people. */
export interface TokensPage {
  /** Who may push: everybody, holders of a token, holders of one that fits the certificate, nobody. */
  readonly mode: 'open' | 'token' | 'owner' | 'closed';
  readonly origin: string | undefined;
}

/** What a browser is shown. The pages room implements it; without it the server answers in text. */
export interface HtmlView extends ProveView {
  /** `GET /`: what this is, search, commands to try. `origin` is the configured public address. */
  home(facts: { readonly certificates: number; readonly origin: string | undefined }): string;
  /** Answer to op=index and op=vindex. */
  results(results: {
    readonly search: string;
    readonly certificates: readonly CertificateState[];
    /** Address of the next page, relative; absent on the last. */
    readonly next: string | undefined;
  }): string;
  key(page: KeyPage): string;
  /** Instead of the page of a key that was removed. */
  removed(tombstone: Pick<Tombstone, 'fingerprint' | 'time' | 'by'>): string;
  /** `GET /push`: the forms. */
  push(): string;
  preview(page: PreviewPage): string;
  stats(page: StatsPage): string;
  tokens(page: TokensPage): string;
  /** Anything else: an error, the outcome of a push. `lines` are plain text. */
  message(message: {
    readonly title: string;
    readonly lines: readonly string[];
    /** Fingerprints of keys to go on to. */
    readonly keys?: readonly string[];
  }): string;
}
