import type { IncomingMessage } from 'node:http';
import type { Context, Middleware } from 'koa';
import { HttpError } from './error.ts';
import { MAX_DISCARDED_OCTETS, MAX_DISCARD_TIME } from './limits.ts';

/** A body follows exactly when one of these headers is there (RFC 9112 §6.3). */
function hasBody(request: IncomingMessage): boolean {
  return request.headers['transfer-encoding'] !== undefined || declaredLength(request) > 0;
}

/** Node's parser has checked that it is one number in decimal digits. */
function declaredLength(request: IncomingMessage): number {
  return Number(request.headers['content-length'] ?? 0);
}

function waitsForContinue(request: IncomingMessage): boolean {
  return /^100-continue$/i.test(request.headers.expect ?? '') && request.httpVersion !== '1.0';
}

/**
 * The whole request body, at most `limit` octets. Throws `UNSUPPORTED_ENCODING`, `BODY_TOO_LARGE` (before
 * the first octet is read when the declared length says so) and `BODY_ABORTED`.
 */
export async function readBody(ctx: Context, limit: number): Promise<Buffer> {
  const coding = ctx.get('Content-Encoding').trim().toLowerCase();
  if (coding !== '' && coding !== 'identity') {
    // RFC 9110 §15.5.16 asks for Accept-Encoding here.
    throw new HttpError('UNSUPPORTED_ENCODING', 'send the body without Content-Encoding', {
      headers: { 'Accept-Encoding': 'identity' },
    });
  }
  if (declaredLength(ctx.req) > limit) throw tooLarge(limit);
  if (waitsForContinue(ctx.req)) ctx.res.writeContinue();
  return collect(ctx.req, limit);
}

function tooLarge(limit: number): HttpError {
  return new HttpError('BODY_TOO_LARGE', `the request body is over the limit of ${limit} octets`);
}

function collect(request: IncomingMessage, limit: number): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let size = 0;
    const settle = (act: () => void): void => {
      request.off('data', onData).off('end', onEnd).off('close', onClose).pause();
      act();
    };
    const onData = (chunk: Buffer): void => {
      size += chunk.length;
      if (size > limit) settle(() => reject(tooLarge(limit)));
      else chunks.push(chunk);
    };
    const onEnd = (): void => settle(() => resolve(Buffer.concat(chunks, size)));
    const onClose = (): void =>
      settle(() => reject(new HttpError('BODY_ABORTED', 'the client closed the connection in its request')));
    // The error event of a lost connection says no more than the close event that follows it.
    request.on('error', () => undefined);
    request.on('data', onData).on('end', onEnd).on('close', onClose);
  });
}

/** Reads on without keeping anything, within the bounds of `limits.ts`. */
function discard(request: IncomingMessage): Promise<void> {
  if (declaredLength(request) > MAX_DISCARDED_OCTETS || request.destroyed) return Promise.resolve();
  return new Promise((resolve) => {
    let size = 0;
    const settle = (): void => {
      clearTimeout(timer);
      request.off('data', onData).off('end', settle).off('close', settle).pause();
      resolve();
    };
    const onData = (chunk: Buffer): void => {
      size += chunk.length;
      if (size > MAX_DISCARDED_OCTETS) settle();
    };
    const timer = setTimeout(settle, MAX_DISCARD_TIME);
    request.on('error', () => undefined);
    request.on('data', onData).on('end', settle).on('close', settle).resume();
  });
}

/**
 * After everything else: a body that nobody read is discarded if it is small, else the connection is closed
 * after the answer. Connections of HTTP/1.0 are always closed, also when keep-alive was asked for: dirmngr
 * does not use it, and a proxy that passes the header on blindly would hang (RFC 9112 §C.2.2).
 */
export function settleBody(): Middleware {
  return async (ctx, next) => {
    await next();
    const request = ctx.req;
    if (hasBody(request) && !request.complete) {
      if (!waitsForContinue(request)) await discard(request);
      if (!request.complete) ctx.set('Connection', 'close');
    }
    if (request.httpVersion === '1.0') ctx.set('Connection', 'close');
  };
}
