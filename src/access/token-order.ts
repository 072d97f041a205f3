/* What an operator asks for in a new token, checked and put into the form that is compared. */
import { foldText } from '../hkp/fold.ts';
import { AccessError } from './error.ts';
import { MAX_RULES_PER_TOKEN, MAX_RULE_LENGTH, MAX_TOKEN_NAME_LENGTH } from './limits.ts';
import type { OwnerRules, TokenRecord, TokenRole } from './token.ts';

export interface TokenOrder {
  /** For the list and the log: a person, a host, a job. Need not be unique. */
  readonly name: string;
  readonly role: TokenRole;
  /** Milliseconds since 1970; absent: it stays good until it is revoked. */
  readonly expires?: number;
  /** As a person writes them: fingerprints in groups, domains with or without `@`. */
  readonly rules: OwnerRules;
}

const ADDRESS = /^[^\s<>@"\p{Cc}\p{Cf}]+@[^\s<>@"\p{Cc}\p{Cf}]+$/u;
const DOMAIN = /^[^\s<>@"\p{Cc}\p{Cf}]+$/u;
const FINGERPRINT = /^(?:[0-9A-F]{40}|[0-9A-F]{64})$/;

/** Throws `BAD_TOKEN`. */
export function checkedOrder(
  { name, role, expires, rules }: TokenOrder,
  now: number,
): Pick<TokenRecord, 'name' | 'role' | 'expires' | 'rules'> {
  if (name === '' || name.length > MAX_TOKEN_NAME_LENGTH || name !== name.trim()) {
    throw bad(`the name of a token has 1 to ${MAX_TOKEN_NAME_LENGTH} characters and no spaces around it`);
  }
  if (/[\p{Cc}\p{Cf}\u2028\u2029]/u.test(name)) throw bad('the name of a token has no control characters');
  if (expires !== undefined && !(Number.isSafeInteger(expires) && expires > now)) {
    throw bad('the end of a token is in the future');
  }
  const checked: OwnerRules = {
    fingerprints: each(rules.fingerprints, fingerprintRule),
    emails: each(rules.emails, emailRule),
    domains: each(rules.domains, domainRule),
  };
  const count = checked.fingerprints.length + checked.emails.length + checked.domains.length;
  if (count > MAX_RULES_PER_TOKEN) throw bad(`a token has at most ${MAX_RULES_PER_TOKEN} rules`);
  return { name, role, rules: checked, ...(expires === undefined ? {} : { expires }) };
}

function each(rules: readonly string[], read: (rule: string) => string): string[] {
  return [...new Set(rules.map(read))];
}

function fingerprintRule(text: string): string {
  const digits = text.replace(/\s/g, '').replace(/^0x/i, '').toUpperCase();
  if (FINGERPRINT.test(digits)) return digits;
  throw bad('a fingerprint has 40 or 64 hexadecimal digits');
}

function emailRule(text: string): string {
  const address = foldText(text.trim());
  if (address.length <= MAX_RULE_LENGTH && ADDRESS.test(address)) return address;
  throw bad('an e-mail address is written as name@example.org');
}

function domainRule(text: string): string {
  const domain = foldText(text.trim().replace(/^@/, ''));
  if (domain.length <= MAX_RULE_LENGTH && DOMAIN.test(domain)) return domain;
  throw bad('a domain is written as example.org');
}

function bad(message: string): AccessError {
  return new AccessError('BAD_TOKEN', message);
}
