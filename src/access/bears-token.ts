import type { Context } from 'koa';
import { credentialsOf } from './credentials.ts';
import type { Tokens } from './tokens.ts';

/** Whether a request comes with a token that is good now; false without credentials. Throws `BAD_REQUEST` for two. */
export async function bearsToken(ctx: Context, tokens: Tokens): Promise<boolean> {
  const credentials = credentialsOf(ctx);
  return credentials.kind === 'token' && typeof (await tokens.verify(credentials.text)) !== 'string';
}
