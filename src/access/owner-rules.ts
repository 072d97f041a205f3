import { foldText } from '../hkp/fold.ts';
import type { Certificate } from '../openpgp/certificate.ts';
import { emailOf, userIdText } from '../openpgp/user-id.ts';
import type { OwnerRules } from './token.ts';

/**
 * Whether a token with these rules may push the certificate: its primary key is listed; or it has a user ID
 * with an address, and each that has one fits. Who can write a user ID can write anything into it, so one
 * with more than a single `@` fits nothing: a second address in the name would be shown to people as well.
 */
export function fitsRules({ primary, userIds }: Certificate, rules: OwnerRules): boolean {
  if (rules.fingerprints.includes(primary.key.fingerprint)) return true;
  const texts = userIds.map(({ packet }) => foldText(userIdText(packet.body)));
  const withAddress = texts.filter((text) => text.includes('@'));
  return withAddress.length > 0 && withAddress.every((text) => isOwned(text, rules));
}

function isOwned(text: string, { emails, domains }: OwnerRules): boolean {
  const address = emailOf(text);
  if (address === undefined || text.indexOf('@') !== text.lastIndexOf('@')) return false;
  return emails.includes(address) || domains.includes(address.slice(address.indexOf('@') + 1));
}
