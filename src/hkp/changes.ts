import { createHash } from 'node:crypto';
import type { Context } from 'koa';
import type { Change, Keystore } from '../keystore/keystore.ts';
import { revalidate, sendJson } from './answer.ts';
import { HkpError } from './error.ts';
import { MAX_CHANGES } from './limits.ts';
import { Parameters } from './parameters.ts';
import type { HkpService } from './service.ts';

/**
 * `/vouch/v1/changes?since=N&limit=M`: what changed after the change of sequence N, oldest first. A host that
 * keeps keys asks this one question instead of one a key. `log` tells one log from another: sequences of a
 * store that was replaced mean nothing. A `since` that is beyond `sequence` means the same.
 */
export async function changes(ctx: Context, { keystore }: HkpService): Promise<void> {
  const parameters = new Parameters(ctx.querystring);
  const since = wholeNumber(parameters, 'since', 0);
  const limit = Math.min(wholeNumber(parameters, 'limit', MAX_CHANGES), MAX_CHANGES);
  if (limit === 0) throw new HkpError('BAD_NUMBER', 'give a "limit" of at least 1');
  // Read before the changes: what is written meanwhile is listed, and never passed over.
  const { sequence } = await keystore.status();
  const listed = await atMost(keystore, since, limit + 1);
  const page = listed.slice(0, limit);
  const log = await logIdentity(keystore);
  const newest = Math.max(sequence, listed.at(-1)?.sequence ?? 0);
  const told = await withoutRemoved(keystore, page);
  sendJson(ctx, { log, sequence: newest, changes: told, more: listed.length > limit });
  revalidate(ctx);
}

/** Of a certificate that was removed nothing is told but that: no digest of what it was. */
async function withoutRemoved(keystore: Keystore, listed: readonly Change[]): Promise<Change[]> {
  const named = [...new Set(listed.map(({ fingerprint }) => fingerprint))];
  const removed = new Set((await keystore.tombstones(named)).map(({ fingerprint }) => fingerprint));
  return listed.map((change) => {
    if (change.digest === undefined || !removed.has(change.fingerprint)) return change;
    const { sequence, time, fingerprint } = change;
    return { sequence, time, fingerprint, kind: 'removed' };
  });
}

async function atMost(keystore: Keystore, since: number, most: number): Promise<Change[]> {
  const listed: Change[] = [];
  for await (const { sequence, time, fingerprint, kind, digest } of keystore.changes(since)) {
    listed.push({ sequence, time, fingerprint, kind, ...(digest !== undefined && { digest }) });
    if (listed.length >= most) break;
  }
  return listed;
}

/** A log begins with what was pushed first, when that was; no other log does. */
async function logIdentity(keystore: Keystore): Promise<string | undefined> {
  const [first] = await atMost(keystore, 0, 1);
  if (first === undefined) return undefined;
  const { sequence, time, fingerprint, digest = '' } = first;
  return createHash('sha256').update(`${sequence} ${time} ${fingerprint} ${digest}`).digest('hex');
}

function wholeNumber(parameters: Parameters, name: string, absent: number): number {
  const text = parameters.text(name);
  if (text === undefined) return absent;
  const value = /^\d{1,16}$/.test(text) ? Number(text) : Number.NaN;
  if (!Number.isSafeInteger(value)) throw new HkpError('BAD_NUMBER', `"${name}" wants a whole number`);
  return value;
}
