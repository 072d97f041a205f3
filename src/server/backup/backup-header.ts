/*
 * A backup is one file: a line that says what it is and when it was made, the items compressed by gzip, and the
 * SHA-256 of all that is before it, 32 octets.
 */
import { ServerError } from '../error.ts';

const FORMAT = 1;

/** Octets of the trailer. */
export const DIGEST_OCTETS = 32;

/** `time` in milliseconds since 1970. */
export function backupHeader(time: number): Buffer {
  return Buffer.from(`vouch-backup ${FORMAT} ${new Date(time).toISOString()}\n`, 'latin1');
}

export interface BackupHeader {
  /** Milliseconds since 1970. */
  readonly time: number;
  /** Octets of the line with its end. */
  readonly octets: number;
}

/** Reads the line at the beginning of a file. Throws `BAD_BACKUP`; `path` is for its message. */
export function readBackupHeader(start: Buffer, path: string): BackupHeader {
  const end = start.indexOf('\n');
  const line = start.toString('latin1', 0, Math.max(end, 0));
  const [, format = '', text = ''] = /^vouch-backup (\d{1,9}) (\S{1,32})$/.exec(line) ?? [];
  const time = Date.parse(text);
  if (format === '' || Number.isNaN(time)) {
    throw new ServerError('BAD_BACKUP', `${path} is not a backup of a Vouch keystore`);
  }
  if (format !== String(FORMAT)) {
    const known = `this Vouch reads format ${FORMAT}`;
    throw new ServerError('BAD_BACKUP', `${path} is a backup of format ${format}; ${known}, use a newer one`);
  }
  return { time, octets: end + 1 };
}
