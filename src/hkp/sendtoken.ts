/* draft-ietf-openpgp-hkp §5.2.2: a mail to an address, which shows that whoever has a key reads it. */
import type { Context } from 'koa';
import { readBody } from '../http/body.ts';
import { HttpError } from '../http/error.ts';
import { parseMediaType } from '../http/media-type.ts';
import type { AddressProofs } from './address-proofs.ts';
import { sendJson, sendText } from './answer.ts';
import { HkpError } from './error.ts';
import { MAX_ADDRESS_OCTETS } from './limits.ts';
import { Parameters } from './parameters.ts';
import type { HkpService } from './service.ts';

/**
 * `POST /pks/v2/sendtoken` with one address as text, and `?fingerprint=` where it is about one key. The answer is an empty document whether a key carries the
 * address or not. Throws `UNSUPPORTED_MEDIA_TYPE` and what `AddressProofs.ask` throws.
 */
export async function sendToken(ctx: Context, proofs: AddressProofs): Promise<void> {
  const type = parseMediaType(ctx.get('Content-Type'))?.type;
  if (type !== 'text/plain') {
    throw new HttpError('UNSUPPORTED_MEDIA_TYPE', 'send one e-mail address as text/plain');
  }
  const body = await readBody(ctx, MAX_ADDRESS_OCTETS);
  await proofs.ask(ctx, body.toString('utf8').trim(), new Parameters(ctx.querystring).text('fingerprint'));
  ctx.set('Cache-Control', 'no-store');
  sendText(ctx, '');
}

/** `GET /vouch/v1/proofs/FINGERPRINT`: who proved what of a key that is held. */
export async function provenAddresses(
  ctx: Context,
  { keystore }: HkpService,
  { proofs, asked }: { readonly proofs: AddressProofs; readonly asked: string },
): Promise<void> {
  const fingerprint = asked.replace(/^0x/i, '').toUpperCase();
  const held = /^(?:[0-9A-F]{40}|[0-9A-F]{64})$/.test(fingerprint) && (await keystore.bytes(fingerprint));
  if (held === false || held === undefined) {
    throw new HkpError('NO_MATCH', 'no certificate with this primary key is held here');
  }
  const proven = await proofs.proven(fingerprint);
  ctx.set('Cache-Control', 'no-cache');
  sendJson(ctx, {
    fingerprint: fingerprint.toLowerCase(),
    proven: proven.map(({ address, time }) => ({ address, time: new Date(time).toISOString() })),
  });
}
