import { createHash } from 'node:crypto';
import type { Context } from 'koa';
import { revalidate, sendJson } from './answer.ts';
import { HkpError } from './error.ts';
import { MAX_DIGESTS } from './limits.ts';
import { Parameters } from './parameters.ts';
import type { HkpService } from './service.ts';

const FINGERPRINT = /^(?:[0-9A-F]{40}|[0-9A-F]{64})$/;

/**
 * `/vouch/v1/digests?of=FINGERPRINT,…`: the SHA-256 of each certificate as it is held, by the fingerprint of its primary
 * key; of those that are not held nothing. Read from the certificates and not from the log: a host that keeps keys
 * makes sure with it that it has what is here, and fetches only what it has not.
 */
export async function digests(ctx: Context, { keystore }: HkpService): Promise<void> {
  const text = new Parameters(ctx.querystring).text('of') ?? '';
  const wanted = text.toUpperCase().split(',', MAX_DIGESTS + 1);
  if (wanted.length > MAX_DIGESTS || !wanted.every((one) => FINGERPRINT.test(one))) {
    throw new HkpError('BAD_SEARCH', `"of" wants 1 to ${MAX_DIGESTS} fingerprints with commas between them`);
  }
  const held: Record<string, string> = {};
  for (const fingerprint of new Set(wanted)) {
    const bytes = await keystore.bytes(fingerprint);
    if (bytes !== undefined) held[fingerprint] = createHash('sha256').update(bytes).digest('hex');
  }
  sendJson(ctx, { digests: held });
  revalidate(ctx);
}
