import { fieldsOf, isTexts, isTime } from '../keystore/document-fields.ts';
import type { Document } from '../keystore/keystore.ts';
import { AccessError } from './error.ts';
import type { OwnerRules, TokenRecord } from './token.ts';

/** The kind of document that tokens are kept as. */
export const TOKEN_KIND = 'token';

const HASH = /^[0-9a-f]{64}$/;

/** Reads what is kept of a token. Throws `CORRUPT_TOKEN`: a token that cannot be read lets nobody in. */
export function readTokenRecord({ id, value }: Document): TokenRecord {
  const fields = fieldsOf(value);
  const { name, role, hash, created } = fields;
  const rules = readRules(fields['rules']);
  if (
    typeof name !== 'string' ||
    (role !== 'push' && role !== 'admin') ||
    typeof hash !== 'string' ||
    !HASH.test(hash) ||
    !isTime(created) ||
    rules === undefined
  ) {
    throw corrupt(id);
  }
  return { id, name, role, hash, created, rules, ...times(id, fields) };
}

function times(
  id: string,
  fields: Readonly<Record<string, unknown>>,
): Pick<TokenRecord, 'expires' | 'revoked' | 'lastUsed'> {
  const found: { expires?: number; revoked?: number; lastUsed?: number } = {};
  for (const name of ['expires', 'revoked', 'lastUsed'] as const) {
    const time = fields[name];
    if (time === undefined) continue;
    if (!isTime(time)) throw corrupt(id);
    found[name] = time;
  }
  return found;
}

function readRules(value: unknown): OwnerRules | undefined {
  const { fingerprints, emails, domains } = fieldsOf(value);
  return isTexts(fingerprints) && isTexts(emails) && isTexts(domains)
    ? { fingerprints, emails, domains }
    : undefined;
}

function corrupt(id: string): AccessError {
  return new AccessError('CORRUPT_TOKEN', `what is kept of the token ${id} cannot be read`);
}
