/* `GET /vouch/v1/changes`, as a keystore with a change log answers it: for servers of this test. */
import { createHash } from 'node:crypto';
import type { Middleware } from 'koa';
import type { Change, Keystore } from '../../../src/keystore/keystore.ts';

export function changeLogRoute(keystore: Keystore): Middleware {
  return async (ctx, next) => {
    if (ctx.path !== '/vouch/v1/changes') return next();
    const query = new URLSearchParams(ctx.querystring);
    const limit = Number(query.get('limit'));
    const listed: Change[] = [];
    for await (const change of keystore.changes(Number(query.get('since')))) {
      listed.push(change);
      if (listed.length > limit) break;
    }
    const { sequence } = await keystore.status();
    ctx.body = {
      log: await logOf(keystore),
      sequence,
      changes: listed.slice(0, limit),
      more: listed.length > limit,
    };
  };
}

async function logOf(keystore: Keystore): Promise<string | undefined> {
  for await (const first of keystore.changes(0)) {
    return createHash('sha256').update(JSON.stringify(first)).digest('hex');
  }
  return undefined;
}
