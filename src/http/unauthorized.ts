import { HttpError } from './error.ts';

/**
 * No token where one is needed, or none that is good. RFC 6750 §3: a challenge names the scheme and has at
 * the least one parameter.
 */
export function unauthorized(message: string, ...parameters: readonly string[]): HttpError {
  const challenge = `Bearer ${['realm="keystore"', ...parameters].join(', ')}`;
  return new HttpError('UNAUTHORIZED', message, { headers: { 'WWW-Authenticate': challenge } });
}
