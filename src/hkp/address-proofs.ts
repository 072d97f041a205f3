/* Proof that an address is read by the owner of a key, as far as the protocol has to know; `mail` sends the mails. */
import type { Context } from 'koa';

/** An address on a key whose reader said that the key is theirs. */
export interface ProvenAddress {
  /** In lower case. */
  readonly address: string;
  /** When it was said; milliseconds since 1970. */
  readonly time: number;
}

/** What a link in a mail asks. */
export interface ProofQuestion {
  readonly address: string;
  /** Upper-case hexadecimal, of primary keys that carry the address; one at least. */
  readonly fingerprints: readonly string[];
}

/** What came of an answer. */
export interface ProofAnswer {
  readonly address: string;
  /** Keys on which the address is proven now. */
  readonly proven: readonly string[];
  /** Of those: pushed keys that waited for it, and are stored now. */
  readonly stored: readonly string[];
  /** Of those: pushed keys on which other addresses are still to be proven. */
  readonly waiting: readonly string[];
}

/** Whether mails go to an address; `of` and `key` are in the mails to it. */
export interface MailChoice {
  readonly of: string;
  readonly key: string;
  readonly stopped: boolean;
}

export interface AddressProofs {
  /**
   * Has a mail sent to the address when a key here carries it that it is not proven for, and says nothing about
   * whether there is one. A mail names a few keys only; `fingerprint` is the one to name first. Throws an `HttpError`
   * `TOO_MANY_REQUESTS`; `BAD_REQUEST` for what is no address.
   */
  ask(ctx: Context, address: string, fingerprint?: string): Promise<void>;
  /** What the token of a mail asks; undefined when it was used, has expired or never was. Changes nothing. */
  question(token: string): Promise<ProofQuestion | undefined>;
  /**
   * Says that those of the keys in question are the reader's. A token can be used once; undefined as in `question`.
   * `BAD_REQUEST` for no keys or one that is not in question: the token stays good.
   */
  answer(token: string, fingerprints: readonly string[]): Promise<ProofAnswer | undefined>;
  /** The proven addresses of a key, by address. */
  proven(fingerprint: string): Promise<readonly ProvenAddress[]>;
  /** Undefined when the two do not belong together. */
  mailChoice(of: string, key: string): Promise<MailChoice | undefined>;
  /** Stops mails to an address, or lets them begin again. Throws `BAD_REQUEST` where `mailChoice` finds nothing. */
  chooseMail(of: string, key: string, stopped: boolean): Promise<MailChoice>;
}
