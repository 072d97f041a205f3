import type { KeyState } from '../../policy/verdict.ts';

/** What is said of a signer's key. */
export const KEY_STATES: Readonly<Record<KeyState, string>> = {
  good: 'good',
  weak: 'too weak to count',
  'cannot-sign': 'not for signing',
  'expired-anchored': 'expired, after this host had seen the image',
  'expired-unanchored': 'expired, and this host had not seen the image before',
  'signed-after-expiry': 'had expired before the signature was made',
  'revoked-hard': 'revoked as compromised',
  'revoked-soft-anchored': 'retired, after this host had seen the image',
  'revoked-soft-unanchored': 'retired, and this host had not seen the image before',
  'signed-after-revocation': 'had been retired before the signature was made',
};
