/*
 * Reads the machine-readable index (draft-shaw-openpgp-hkp-00 §5.2) of any server: missing fields, other line
 * ends and unknown lines are borne. What it says is the server's word and proves nothing.
 */
import { HkpClientError } from './error.ts';

export interface IndexEntry {
  /** A fingerprint of 40 or 64 digits, or a key ID of 8 or 16, as the server gives it, in upper case. */
  readonly id: string;
  /** Algorithm number (RFC 9580 §9.1), when it is one. */
  readonly algorithm: number | undefined;
  readonly bits: number | undefined;
  /** Seconds since 1970. */
  readonly created: number | undefined;
  readonly expires: number | undefined;
  readonly revoked: boolean;
  readonly disabled: boolean;
  readonly expired: boolean;
  /** Hostile text. */
  readonly userIds: readonly string[];
}

const ID = /^(?:[0-9A-F]{8}|[0-9A-F]{16}|[0-9A-F]{32}|[0-9A-F]{40}|[0-9A-F]{64})$/;

/** The entries in the server's order. Throws `BAD_ANSWER` when the text is no index at all. */
export function readIndex(text: string): IndexEntry[] {
  const entries: (IndexEntry & { readonly userIds: string[] })[] = [];
  let recognized = false;
  /** User IDs after a line that was passed over are not those of the entry before it. */
  let current: string[] | undefined;
  for (const line of text.split(/\r\n|\n|\r/)) {
    const [type = '', ...fields] = line.trim().split(':');
    const kind = type.toLowerCase();
    if (kind === 'info' || kind === 'pub') recognized = true;
    if (kind === 'pub') {
      const entry = readKeyLine(fields);
      if (entry !== undefined) entries.push(entry);
      current = entry?.userIds;
    } else if (kind === 'uid') current?.push(decodeField(fields[0] ?? ''));
  }
  if (!recognized) throw new HkpClientError('BAD_ANSWER', 'its answer is not an index of keys');
  return entries;
}

function readKeyLine(fields: readonly string[]): (IndexEntry & { readonly userIds: string[] }) | undefined {
  const [keyId = '', algorithm, bits, created, expires, flags = ''] = fields;
  const id = keyId.replace(/^0x/i, '').toUpperCase();
  if (!ID.test(id)) return undefined;
  const letters = flags.toLowerCase();
  return {
    id,
    algorithm: number(algorithm),
    bits: number(bits),
    created: number(created),
    expires: number(expires),
    revoked: letters.includes('r'),
    disabled: letters.includes('d'),
    expired: letters.includes('e'),
    userIds: [],
  };
}

function number(field: string | undefined): number | undefined {
  return field !== undefined && /^\d{1,12}$/.test(field) ? Number(field) : undefined;
}

/** A percent sign that begins no octet stands for itself: Hockeypuck 2.2 does not escape it. */
function decodeField(field: string): string {
  const octets: number[] = [];
  const source = Buffer.from(field);
  for (let at = 0; at < source.length; at += 1) {
    const digits = source.toString('latin1', at + 1, at + 3);
    const escaped = source[at] === 0x25 && /^[0-9a-f]{2}$/i.test(digits);
    octets.push(escaped ? Number.parseInt(digits, 16) : (source[at] ?? 0));
    if (escaped) at += 2;
  }
  return Buffer.from(octets).toString('utf8');
}
