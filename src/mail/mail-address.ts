/*
 * Addresses that mails are sent to: those of RFC 5322 that need no quoting, in ASCII. Whatever else is in a user ID
 * stays there, but is never put into a mail; so no address can bring a header, a second recipient or an SMTP
 * command with it.
 */
import type { CertificateState } from '../openpgp/state.ts';
import { emailOf } from '../openpgp/user-id.ts';
import { MAX_ADDRESS_LENGTH, MAX_LOCAL_PART_LENGTH } from './limits.ts';

/** Dot-atoms (RFC 5322 §3.2.3) before the `@`, labels of host names (RFC 1123 §2.1) with a dot after it. */
const LOCAL_PART = /^[a-z0-9!#$%&'*+/=?^_`{|}~-]+(?:\.[a-z0-9!#$%&'*+/=?^_`{|}~-]+)*$/;
const DOMAIN = /^(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z](?:[a-z0-9-]{0,61}[a-z0-9])$/;

/**
 * The address in lower case, as every mail provider of today reads it; undefined for what is none. ASCII only, and
 * not folded: letters that merely look alike, or become the same by folding, belong to somebody else.
 */
export function mailAddress(text: string): string | undefined {
  if (text.length > MAX_ADDRESS_LENGTH || !/^[\x21-\x7e]+$/.test(text)) return undefined;
  const address = text.toLowerCase();
  const at = address.lastIndexOf('@');
  const fits = at > 0 && at <= MAX_LOCAL_PART_LENGTH;
  return fits && LOCAL_PART.test(address.slice(0, at)) && DOMAIN.test(address.slice(at + 1))
    ? address
    : undefined;
}

/** The addresses on a key: those that mails can go to, and user IDs with an `@` that none can go to. */
export interface AddressesOnKey {
  readonly addresses: readonly string[];
  readonly others: number;
}

/**
 * Of the user IDs that are not revoked. One with more than a single `@` is among the others: people would be shown
 * two addresses where one was proven.
 */
export function addressesOn({ userIds }: CertificateState): AddressesOnKey {
  const addresses = new Set<string>();
  let others = 0;
  for (const { text, revoked } of userIds) {
    const ats = revoked ? 0 : atSigns(text);
    if (ats === 0) continue;
    const address = ats === 1 ? mailAddress(emailOf(text) ?? '') : undefined;
    if (address === undefined) others += 1;
    else addresses.add(address);
  }
  return { addresses: [...addresses], others };
}

/** With the signs that people and compatibility composition take for one (U+FE6B, U+FF20). */
function atSigns(text: string): number {
  return text.normalize('NFKC').split('@').length - 1;
}
