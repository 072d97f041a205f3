import { readImage } from './admit-body.ts';
import { ADMIN, readJson } from './door-routes.ts';
import type { DoorRoutes } from './door-routes.ts';
import { bad, fieldsOf, optionalDigest, optionalFingerprint, optionalNumber } from './fields.ts';
import { MAX_BODY_OCTETS } from './limits.ts';
import { readQuery, textIn } from './query.ts';
import type { TrustService } from './trust-service.ts';

/** The largest user ID that is one: 4294967295 means "no user" (setreuid(2)). */
const MAX_UID = 4_294_967_294;

/** What whoever runs the daemon asks of it. */
export function addOperatorRoutes(routes: DoorRoutes, { operations }: TrustService): void {
  routes.post('/v1/sweep', ADMIN, async (ctx) => {
    fieldsOf(await readJson(ctx, MAX_BODY_OCTETS), [], 'the body');
    ctx.body = await operations.sweep();
  });

  routes.get('/v1/affected', ADMIN, async (ctx) => {
    const query = readQuery(ctx.querystring, ['fingerprint', 'sha256']);
    const fingerprint = optionalFingerprint(textIn(query, 'fingerprint'), 'fingerprint');
    const sha256 = optionalDigest(textIn(query, 'sha256'), 'sha256');
    if (fingerprint !== undefined && sha256 === undefined)
      ctx.body = await operations.affected({ fingerprint });
    else if (sha256 !== undefined && fingerprint === undefined)
      ctx.body = await operations.affected({ sha256 });
    else throw bad('name one of fingerprint and sha256');
  });

  routes.post('/v1/promote', ADMIN, async (ctx) => {
    const image = readImage(await readJson(ctx, MAX_BODY_OCTETS), 'the body');
    if (image.kind !== 'path') throw bad('the body must have path or path_b64');
    ctx.body = await operations.promote(image.path);
  });

  routes.post('/v1/callers', ADMIN, async (ctx) => {
    const body = fieldsOf(await readJson(ctx, MAX_BODY_OCTETS), ['uid'], 'the body');
    const uid = optionalNumber(body['uid'], 'uid', 0, MAX_UID);
    if (uid === undefined) throw bad('uid must be a user ID');
    ctx.body = { socket: await operations.addCaller(uid) };
  });
}
