/* The credentials of a request (RFC 9110 §11.6.2): Bearer (RFC 6750 §2.1), and Basic with a token as password. */
import type { Context } from 'koa';
import { HttpError } from '../http/error.ts';
import { MAX_CREDENTIALS_LENGTH } from './limits.ts';

export type Credentials =
  /** No header, or `Bearer` with nothing after it, which Singularity sends when nobody is logged in. */
  | { readonly kind: 'none' }
  /** What may be a token. */
  | { readonly kind: 'token'; readonly text: string }
  /** Of another scheme, or not to be read. */
  | { readonly kind: 'unreadable' };

const NONE: Credentials = { kind: 'none' };
const UNREADABLE: Credentials = { kind: 'unreadable' };

/** A submission by the rules of v2 may name its header as the draft prints it: `Authentication`. */
const V2 = /^\/pks\/v2\//i;

/**
 * `formToken` stands in the body, where a form has it. Throws `BAD_REQUEST` when there are two sets of
 * credentials: it cannot be told which of them counts.
 */
export function credentialsOf(ctx: Context, formToken = ''): Credentials {
  const inHeader = readHeader(credentialsHeader(ctx));
  if (formToken === '') return inHeader;
  if (inHeader.kind !== 'none') throw twoSets();
  return { kind: 'token', text: formToken };
}

function readHeader(header: string | undefined): Credentials {
  if (header === undefined) return NONE;
  if (header.length > MAX_CREDENTIALS_LENGTH) return UNREADABLE;
  const [, scheme = '', rest = ''] = /^[ \t]*([^ \t]*)(?:[ \t]+(.*?))?[ \t]*$/.exec(header) ?? [];
  switch (scheme.toLowerCase()) {
    case '':
      return NONE;
    case 'bearer':
      return rest === '' ? NONE : { kind: 'token', text: rest };
    case 'basic':
      return passwordOf(rest);
    default:
      return UNREADABLE;
  }
}

/** Throws `BAD_REQUEST`, as `credentialsOf` does. */
export function credentialsHeader({ req, path }: Context): string | undefined {
  const { authorization = [], authentication = [] } = req.headersDistinct;
  const sent = V2.test(path) ? [...authorization, ...authentication] : authorization;
  if (sent.length > 1) throw twoSets();
  return sent[0];
}

/** RFC 7617 §2: what follows the first colon. The name before it says nothing here. */
function passwordOf(encoded: string): Credentials {
  const pair = Buffer.from(encoded, 'base64').toString('utf8');
  const colon = pair.indexOf(':');
  return colon === -1 ? UNREADABLE : { kind: 'token', text: pair.slice(colon + 1) };
}

function twoSets(): HttpError {
  return new HttpError('BAD_REQUEST', 'the request has more than one set of credentials');
}
