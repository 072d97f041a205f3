import type { Middleware } from 'koa';

/**
 * Headers of every answer, errors included. Any web page may read and push (hkp.md rule 22): nothing here
 * depends on who asks. A browser never guesses a type, and runs nothing.
 */
export const OPEN_HEADERS: Readonly<Record<string, string>> = {
  'Access-Control-Allow-Origin': '*',
  'Access-Control-Expose-Headers': 'ETag, Retry-After, X-HKP-Next-Page-Token, X-Request-Id',
  'Content-Security-Policy': "default-src 'none'; frame-ancestors 'none'",
  'Referrer-Policy': 'no-referrer',
  'X-Content-Type-Options': 'nosniff',
};

export function openAnswers(): Middleware {
  return async (ctx, next) => {
    ctx.set({ ...OPEN_HEADERS });
    if (ctx.method === 'OPTIONS') {
      // Answers to a preflight (Fetch §3.2.3).
      ctx.set({
        'Access-Control-Allow-Methods': 'GET, HEAD, POST, PUT, OPTIONS',
        'Access-Control-Allow-Headers': 'Authorization, Content-Type, If-None-Match',
        'Access-Control-Max-Age': '86400',
      });
    }
    await next();
  };
}
