import type { CertificateState } from '../openpgp/state.ts';

/** What a browser is shown. The pages room implements it; without it the server answers in text. */
export interface HtmlView {
  /** `GET /`: what this is, search, push form, commands to try. `origin` is the configured public address. */
  home(facts: { readonly certificates: number; readonly origin: string | undefined }): string;
  /** Answer to op=index and op=vindex. */
  results(results: {
    readonly search: string;
    readonly certificates: readonly CertificateState[];
    /** Address of the next page, relative; absent on the last. */
    readonly next: string | undefined;
  }): string;
  stats(stats: Readonly<Record<string, string | number>>): string;
  /** Anything else: an error, the outcome of a push. `lines` are plain text. */
  message(message: { readonly title: string; readonly lines: readonly string[] }): string;
}
