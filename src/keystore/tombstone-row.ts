import { KeystoreError } from './error.ts';
import { fingerprintText, requiredFingerprint } from './fingerprint-octets.ts';
import type { Tombstone } from './keystore.ts';
import { MAX_REASON_OCTETS } from './limits.ts';
import { corrupt, isFingerprint, keyOf, NUMBER, TABLES, writeNumbers } from './row-layout.ts';

const BY_OCTETS: Readonly<Record<Tombstone['by'], number>> = { operator: 1, owner: 2 };
const BY: readonly (Tombstone['by'] | undefined)[] = [undefined, 'operator', 'owner'];

/** The greatest time that its row has room for. */
const MAX_TIME = 2 ** (8 * NUMBER) - 1;

export function tombstoneKey(fingerprint: Buffer): Buffer {
  return keyOf(TABLES.tombstone, fingerprint);
}

/** As it is kept: the time a whole number. Throws `WRONG_FINGERPRINT`, and `BAD_ITEM` where it has no room. */
export function requiredTombstone({ fingerprint, time, by, reason }: Tombstone): Tombstone {
  requiredFingerprint(fingerprint);
  const whole = Math.floor(time);
  if (!(whole >= 0 && whole <= MAX_TIME)) {
    throw new KeystoreError('BAD_ITEM', 'The time of a removal is not one of the years 1970 to 10889.');
  }
  const words = Buffer.from(reason, 'utf8');
  if (words.length > MAX_REASON_OCTETS) {
    throw new KeystoreError(
      'BAD_ITEM',
      `The reason of a removal is longer than ${MAX_REASON_OCTETS} octets; say it in fewer words.`,
    );
  }
  return { fingerprint, time: whole, by, reason: words.toString('utf8') };
}

export function writeTombstone({ time, by, reason }: Tombstone): Buffer {
  return Buffer.concat([writeNumbers(time), Buffer.of(BY_OCTETS[by]), Buffer.from(reason, 'utf8')]);
}

/** Throws `CORRUPT` for what `writeTombstone` did not write. */
export function readTombstone(key: Buffer, value: Buffer): Tombstone {
  const fingerprint = key.subarray(1);
  const by = BY[value[NUMBER] ?? 0];
  if (!isFingerprint(fingerprint) || by === undefined) throw corrupt('A tombstone cannot be read.');
  return {
    fingerprint: fingerprintText(fingerprint),
    time: value.readUIntBE(0, NUMBER),
    by,
    reason: value.toString('utf8', NUMBER + 1),
  };
}
