import type { Keystore } from '../keystore/keystore.ts';
import { parseCertificate } from '../openpgp/certificate.ts';
import { OpenPgpError } from '../openpgp/error.ts';
import { certificateState } from '../openpgp/state.ts';
import { MAX_EXPIRING_KEPT } from './limits.ts';

const DAY_SECONDS = 86_400;

/** A key that ends soon. */
export interface ExpiringKey {
  readonly fingerprint: string;
  /** Seconds since 1970. */
  readonly expires: number;
}

export interface ExpiringReport {
  /** How many end within the time asked for; those that are over or revoked are not counted. */
  readonly count: number;
  /** The first to end, at most `MAX_EXPIRING_KEPT`. */
  readonly keys: readonly ExpiringKey[];
}

/** Reads every certificate. `now` in seconds since 1970. */
export async function expiringKeys(
  keystore: Pick<Keystore, 'records'>,
  now: number,
  days: number,
): Promise<ExpiringReport> {
  const until = now + days * DAY_SECONDS;
  let count = 0;
  let keys: ExpiringKey[] = [];
  for await (const { bytes, fingerprint } of keystore.records()) {
    const expires = endOf(bytes, now);
    if (expires === undefined || expires > until) continue;
    count += 1;
    keys.push({ fingerprint, expires });
    if (keys.length >= 2 * MAX_EXPIRING_KEPT) keys = firstOf(keys);
  }
  return { count, keys: firstOf(keys) };
}

function firstOf(keys: readonly ExpiringKey[]): ExpiringKey[] {
  return keys.toSorted((a, b) => a.expires - b.expires).slice(0, MAX_EXPIRING_KEPT);
}

/** Undefined for keys that do not end, have ended, or are revoked, and for what cannot be read. */
function endOf(bytes: Uint8Array, now: number): number | undefined {
  try {
    const { expires, expired, revoked } = certificateState(parseCertificate(bytes), now);
    return expired || revoked ? undefined : expires;
  } catch (error) {
    // "vouch keystore check" is there to find those.
    if (error instanceof OpenPgpError) return undefined;
    throw error;
  }
}
