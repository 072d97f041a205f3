import { HttpError } from './error.ts';

/** RFC 6750 §3: a challenge names the scheme and has at the least one parameter. */
export function bearerChallenge(...parameters: readonly string[]): string {
  return `Bearer ${['realm="keystore"', ...parameters].join(', ')}`;
}

/** No token where one is needed, or none that is good. */
export function unauthorized(message: string, ...parameters: readonly string[]): HttpError {
  const headers = { 'WWW-Authenticate': bearerChallenge(...parameters) };
  return new HttpError('UNAUTHORIZED', message, { headers });
}
