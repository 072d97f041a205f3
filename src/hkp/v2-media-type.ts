import type { Context } from 'koa';
import { parseAccept } from '../http/media-type.ts';

/**
 * The media type of a binary keyring, which has changed with the drafts: `application/pgp`
 * (draft-ietf-openpgp-hkp-01), `application/pgp-keys;armor=no` (draft-gallagher-openpgp-hkp-10) and
 * `application/pgp-keys; encoding=binary` (-05 to -08). The newest, unless the client names only an older.
 */
export function bundleType(ctx: Context): string {
  ctx.vary('Accept');
  const accepted = parseAccept(ctx.get('Accept'));
  const older = accepted.find(({ type }) => type === 'application/pgp-keys');
  if (older === undefined || accepted.some(({ type }) => type === 'application/pgp'))
    return 'application/pgp';
  return older.parameters.get('encoding') === 'binary'
    ? 'application/pgp-keys; encoding=binary'
    : 'application/pgp-keys;armor=no';
}
