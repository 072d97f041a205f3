import { equalBytes } from '../bytes/compare.ts';
import { SifError } from './error.ts';
import { Fields } from './fields.ts';
import { DESCRIPTOR_OCTETS, HEADER, HEADER_OCTETS, MAGIC, VERSION } from './layout.ts';
import { MAX_DESCRIPTORS } from './limits.ts';

export interface SifHeader {
  /** Without the NULs at its end; text from outside. */
  readonly launchScript: string;
  /** `01`. */
  readonly version: string;
  /** A code of architecture.ts: that of the primary partition, `00` when there is none. Not signed. */
  readonly architecture: string;
  /** In the usual form with dashes, lower case. */
  readonly uuid: string;
  /** Unix seconds; `NO_TIME` when the image has none. Rounded beyond 2^53. */
  readonly created: number;
  readonly modified: number;
  readonly freeSlots: number;
  readonly slots: number;
  /** Octets from the beginning of the file, and octets. */
  readonly tableOffset: number;
  readonly tableSize: number;
  readonly dataOffset: number;
  /** As the last writer counted it; need not be the end of the file. */
  readonly dataSize: number;
  /** The 128 octets. */
  readonly raw: Uint8Array;
}

/**
 * Reads the first 128 octets of an image. Throws `NOT_A_SIF`, `BAD_HEADER` for sizes and places that
 * contradict each other, and `TOO_LARGE`. Whether the file is long enough is not looked at.
 */
export function readHeader(raw: Uint8Array): SifHeader {
  const fields = new Fields(raw);
  if (raw.length < HEADER_OCTETS || !equalBytes(raw.subarray(HEADER.magic, HEADER.version), MAGIC)) {
    throw new SifError('NOT_A_SIF', 'not a SIF image: it does not begin as one');
  }
  const version = raw.subarray(HEADER.version, HEADER.architecture);
  if (!equalBytes(version, VERSION)) {
    const said = JSON.stringify(fields.text(HEADER.version, HEADER.architecture));
    throw new SifError('NOT_A_SIF', `a SIF image of version ${said}; only version 01 is known`);
  }
  const header: SifHeader = {
    launchScript: fields.text(HEADER.launchScript, HEADER.magic),
    version: fields.text(HEADER.version, HEADER.architecture),
    architecture: fields.text(HEADER.architecture, HEADER.uuid),
    uuid: uuidText(raw.subarray(HEADER.uuid, HEADER.created)),
    created: fields.rounded(HEADER.created),
    modified: fields.rounded(HEADER.modified),
    freeSlots: count(fields, HEADER.freeSlots, 'count of free descriptors'),
    slots: count(fields, HEADER.slots, 'count of descriptors'),
    tableOffset: count(fields, HEADER.tableOffset, 'offset of the descriptors'),
    tableSize: count(fields, HEADER.tableSize, 'size of the descriptors'),
    dataOffset: count(fields, HEADER.dataOffset, 'offset of the data'),
    dataSize: count(fields, HEADER.dataSize, 'size of the data'),
    raw,
  };
  checkTable(header);
  return header;
}

function count(fields: Fields, at: number, what: string): number {
  const value = fields.integer(at);
  if (value === undefined || value < 0) {
    throw new SifError('BAD_HEADER', `the header's ${what} is not possible (${fields.digits(at)})`);
  }
  return value;
}

function checkTable({ freeSlots, slots, tableOffset, tableSize, dataOffset, dataSize }: SifHeader): void {
  const bad = (what: string): SifError => new SifError('BAD_HEADER', what);
  if (slots > MAX_DESCRIPTORS) {
    throw new SifError('TOO_LARGE', `an image of ${slots} descriptors; at most ${MAX_DESCRIPTORS} are read`);
  }
  if (freeSlots > slots) throw bad(`the header counts ${freeSlots} free descriptors of ${slots}`);
  if (tableSize !== slots * DESCRIPTOR_OCTETS) {
    throw bad(`${slots} descriptors do not take the ${tableSize} octets that the header says`);
  }
  if (tableOffset < HEADER_OCTETS) throw bad('the descriptors overlap the header');
  if (dataOffset < tableOffset + tableSize) throw bad('the data overlap the descriptors');
  if (!Number.isSafeInteger(dataOffset + dataSize)) throw bad(`${dataSize} octets of data are not possible`);
}

function uuidText(octets: Uint8Array): string {
  const digits = Buffer.from(octets).toString('hex');
  return [0, 8, 12, 16, 20].map((from, i, all) => digits.slice(from, all[i + 1])).join('-');
}
