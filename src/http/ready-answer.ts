/* Answers that are made once and sent often, by Koa and without it alike. */
import { hash } from 'node:crypto';
import type { ServerResponse } from 'node:http';
import type { Context } from 'koa';
import { OPEN_HEADERS } from './cross-origin.ts';
import { REQUEST_ID } from './request-id.ts';

/** A whole answer of status 200 that depends on nothing in the headers of a request. */
export interface ReadyAnswer {
  readonly body: Buffer;
  /** Its media type. */
  readonly type: string;
  /** Its entity tag. */
  readonly tag: string;
  /** Headers that come before the type: name, value, name, … */
  readonly more: readonly string[];
}

/** `more` are headers that come before the type: name, value, name, … */
export function readyAnswer(
  type: string,
  text: string | Buffer,
  more: readonly string[] = NONE,
): ReadyAnswer {
  const body = typeof text === 'string' ? Buffer.from(text) : text;
  return { body, type, tag: entityTag(type, body), more };
}

const NONE: readonly string[] = [];

/**
 * Its own headers, in the order they are sent, without those that every answer has. It is to be asked for again each
 * time, which is cheap while it stays the same: a revocation must show at once.
 */
function headersOf({ body, type, tag, more }: ReadyAnswer): string[] {
  const length = String(body.length);
  return [...more, 'Content-Type', type, 'Content-Length', length, 'Cache-Control', 'no-cache', 'ETag', tag];
}

/** The type is part of it: one certificate has the same octets in several representations. */
export function entityTag(type: string, body: string | Buffer): string {
  // Joined, as a string of pieces that is kept with an answer would take twice the room.
  return ['"', hash('sha256', body, 'base64url'), '-', type.replaceAll(NOT_IN_TAGS, '-'), '"'].join('');
}

/** What an entity tag cannot hold (RFC 9110 §8.8.3), and what would be hard to read in one. */
const NOT_IN_TAGS = /[^a-z0-9]+/g;

const OPEN: readonly string[] = Object.entries(OPEN_HEADERS).flat();

/** Sends it by Koa; 304 where the client has it. */
export function sendReady(ctx: Context, answer: ReadyAnswer): void {
  const headers = headersOf(answer);
  for (let at = 0; at < headers.length; at += 2) ctx.set(headers[at] ?? '', headers[at + 1] ?? '');
  ctx.body = answer.body;
  // A client that revalidates through caches (gpg) sends Cache-Control: no-cache and is given the whole.
  if (ctx.fresh) ctx.status = 304;
}

/**
 * Sends it without Koa, as `sendReady` within `requestId` and `openAnswers` does. Not for requests with
 * `If-None-Match`, with a body or of HTTP/1.0.
 */
export function writeReady(response: ServerResponse, id: string, answer: ReadyAnswer): void {
  response.writeHead(200, [REQUEST_ID, id, ...OPEN, ...headersOf(answer)]);
  response.end(answer.body);
}
