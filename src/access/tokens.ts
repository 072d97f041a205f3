import { timingSafeEqual } from 'node:crypto';
import type { Document, Keystore } from '../keystore/keystore.ts';
import { AccessError } from './error.ts';
import { LAST_USE_INTERVAL, MAX_TOKENS } from './limits.ts';
import { checkedOrder, type TokenOrder } from './token-order.ts';
import { TOKEN_KIND, readTokenRecord } from './token-record.ts';
import { isTokenId, newToken, parseToken, secretHash, tokenText } from './token-text.ts';
import type { TokenRecord } from './token.ts';

/** A token that was just made. Its text is shown once and kept nowhere. */
export interface MadeToken {
  readonly record: TokenRecord;
  readonly text: string;
}

/** Why a text is not a good token. `revoked` and `expired` are told to those only who have its secret. */
export type BadToken = 'unknown' | 'revoked' | 'expired';

/** Compared against when there is no such token, so that this takes the same path as a wrong secret. */
const NOBODY = '0'.repeat(64);

export interface Tokens {
  /** Throws `BAD_TOKEN`, and `TOO_MANY_TOKENS` when all that are kept are good. */
  add(order: TokenOrder): Promise<MadeToken>;
  /** All that are kept, the oldest first. */
  list(): Promise<readonly TokenRecord[]>;
  /**
   * Ends a token for good, by its ID or its whole text; one that is revoked already stays as it is. Throws
   * `NO_SUCH_TOKEN`.
   */
  revoke(token: string): Promise<TokenRecord>;
  /** What is kept of a token that is good now, its last use noted. */
  verify(text: string): Promise<TokenRecord | BadToken>;
}

export interface TokenParts {
  /** Milliseconds since 1970. */
  readonly now: () => number;
  /** That many octets nobody can foresee. */
  readonly random: (octets: number) => Uint8Array;
}

/** The tokens in a keystore. What is read of them throws `CORRUPT_TOKEN`; everything may throw `KeystoreError`. */
export function createTokens(keystore: Keystore, { now, random }: TokenParts): Tokens {
  const list = async (): Promise<TokenRecord[]> => {
    const records: TokenRecord[] = [];
    for await (const document of keystore.documents(TOKEN_KIND)) records.push(readTokenRecord(document));
    return records.toSorted((a, b) => a.created - b.created || (a.id < b.id ? -1 : 1));
  };

  return {
    list,
    async add(order) {
      const time = now();
      const checked = checkedOrder(order, time);
      await makeRoom(keystore, await list(), time);
      const parts = newToken(random);
      const record: TokenRecord = { id: parts.id, ...checked, hash: secretHash(parts.secret), created: time };
      if (!(await keystore.putDocument(TOKEN_KIND, record.id, record, 0))) {
        throw new AccessError('BAD_TOKEN', `there is a token ${record.id} already`);
      }
      return { record, text: tokenText(parts) };
    },
    revoke: (token) => revoke(keystore, parseToken(token)?.id ?? token, now),
    async verify(text) {
      const parts = parseToken(text);
      if (parts === undefined) return 'unknown';
      const document = await keystore.document(TOKEN_KIND, parts.id);
      const record = document === undefined ? undefined : readTokenRecord(document);
      const matches = sameHash(secretHash(parts.secret), record?.hash ?? NOBODY);
      if (!matches || record === undefined || document === undefined) return 'unknown';
      if (record.revoked !== undefined) return 'revoked';
      const time = now();
      if (isExpired(record, time)) return 'expired';
      return noteUse(keystore, document, record, time);
    },
  };
}

export function isExpired({ expires }: TokenRecord, time: number): boolean {
  return expires !== undefined && expires <= time;
}

/** In constant time; both are hexadecimal digits of SHA-256. */
function sameHash(one: string, other: string): boolean {
  return timingSafeEqual(Buffer.from(one, 'hex'), Buffer.from(other, 'hex'));
}

/** Another use at the same moment, or a revocation, may win: then the time is not written, and nothing is lost. */
async function noteUse(
  keystore: Keystore,
  { version }: Document,
  record: TokenRecord,
  time: number,
): Promise<TokenRecord> {
  if (record.lastUsed !== undefined && time - record.lastUsed < LAST_USE_INTERVAL) return record;
  const used: TokenRecord = { ...record, lastUsed: time };
  await keystore.putDocument(TOKEN_KIND, record.id, used, version);
  return used;
}

async function revoke(keystore: Keystore, id: string, now: () => number): Promise<TokenRecord> {
  for (;;) {
    const document = isTokenId(id) ? await keystore.document(TOKEN_KIND, id) : undefined;
    if (document === undefined) throw new AccessError('NO_SUCH_TOKEN', 'there is no token with this ID');
    const record = readTokenRecord(document);
    if (record.revoked !== undefined) return record;
    const revoked: TokenRecord = { ...record, revoked: now() };
    // Lost against a use of the token at the same moment: read it again.
    if (await keystore.putDocument(TOKEN_KIND, id, revoked, document.version)) return revoked;
  }
}

async function makeRoom(keystore: Keystore, held: readonly TokenRecord[], time: number): Promise<void> {
  if (held.length < MAX_TOKENS) return;
  const dead = held.find((record) => record.revoked !== undefined || isExpired(record, time));
  if (dead === undefined) {
    throw new AccessError(
      'TOO_MANY_TOKENS',
      `there are ${MAX_TOKENS} good tokens; revoke some of them first`,
    );
  }
  const document = await keystore.document(TOKEN_KIND, dead.id);
  if (document !== undefined) await keystore.putDocument(TOKEN_KIND, dead.id, undefined, document.version);
}
