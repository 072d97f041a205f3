import { HttpError } from './error.ts';

/** Deeper than any request has reason to be. */
const MAX_DEPTH = 32;

const UTF8 = new TextDecoder('utf-8', { fatal: true });

/**
 * JSON in which no object has a key twice: JSON.parse keeps the last one without a word, and whoever checked the
 * first one was deceived (RFC 8259 §4). Throws `BAD_REQUEST`.
 */
export function parseStrictJson(octets: Uint8Array): unknown {
  let text: string;
  let value: unknown;
  try {
    text = UTF8.decode(octets);
    value = JSON.parse(text);
  } catch (cause) {
    throw new HttpError('BAD_REQUEST', 'the body is not JSON in UTF-8', { cause });
  }
  refuseRepeatedKeys(text);
  return value;
}

/** A string with the colon that makes it a key, or what opens and closes objects and lists. */
const TOKEN = /("(?:[^"\\]|\\.)*")(\s*:)?|[{}[\]]/g;

/** The text is JSON: every key is followed by a colon, and nothing else is. */
function refuseRepeatedKeys(text: string): void {
  const open: Set<string>[] = [];
  for (const [token, string, colon] of text.matchAll(TOKEN)) {
    if (string === undefined) {
      if (token === '{' || token === '[') open.push(new Set());
      else open.pop();
      if (open.length > MAX_DEPTH) throw new HttpError('BAD_REQUEST', 'the body is nested too deeply');
    } else if (colon !== undefined) {
      // Written with escapes or without, it is the same key.
      const key: unknown = JSON.parse(string);
      const keys = open.at(-1);
      if (keys?.has(String(key)) === true) {
        throw new HttpError('BAD_REQUEST', `the body has the key ${JSON.stringify(key).slice(0, 80)} twice`);
      }
      keys?.add(String(key));
    }
  }
}
