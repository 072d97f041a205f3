import { SifError } from './error.ts';
import { DESCRIPTOR, DESCRIPTOR_OCTETS, GROUP_MASK } from './layout.ts';
import { MAX_ID } from './limits.ts';
import { Fields } from './fields.ts';

/** What a data object is about: another object, a whole group, or nothing. */
export interface Link {
  readonly kind: 'none' | 'object' | 'group';
  /** 0 for none. */
  readonly id: number;
}

/** A used entry of the descriptor table. */
export interface Descriptor {
  /** Place in the table, from 0. */
  readonly slot: number;
  /** A code of data-type.ts, or one that is not known there. */
  readonly type: number;
  /** At least 1, unique in the image. */
  readonly id: number;
  /** 0: in no group. */
  readonly groupId: number;
  readonly link: Link;
  /** Octets from the beginning of the file. */
  readonly offset: number;
  readonly size: number;
  /** Size with the octets skipped before the object. Says nothing reliable. */
  readonly sizePadded: number;
  /** Unix seconds; `NO_TIME` when the image has none. Rounded beyond 2^53. */
  readonly created: number;
  readonly modified: number;
  readonly uid: number;
  readonly gid: number;
  /** Without the NULs at its end. Text from outside: may hold anything, control characters too. */
  readonly name: string;
  /** 384 octets whose meaning depends on the type: extra.ts. */
  readonly extra: Uint8Array;
  /** The 585 octets in the table. */
  readonly raw: Uint8Array;
}

/** Whether the slot is in use. Throws `BAD_DESCRIPTOR` for a mark that is neither yes nor no. */
export function isUsed(raw: Uint8Array, slot: number): boolean {
  const used = new Fields(raw).octet(DESCRIPTOR.used);
  // Go reads any other value as true, and signs it as 1.
  if (used > 1)
    throw new SifError('BAD_DESCRIPTOR', `descriptor ${slot + 1}: its mark of use is ${used}, not 0 or 1`);
  return used === 1;
}

/** Reads a used descriptor. Throws `BAD_DESCRIPTOR` for what no image can hold, whatever else is in it. */
export function readDescriptor(raw: Uint8Array, slot: number): Descriptor {
  const fail = (what: string): SifError => new SifError('BAD_DESCRIPTOR', `descriptor ${slot + 1}: ${what}`);
  const fields = new Fields(raw);
  const place = (at: number, what: string): number => {
    const value = fields.integer(at);
    if (value === undefined || value < 0) throw fail(`${what} is not possible (${fields.digits(at)})`);
    return value;
  };
  const id = fields.uint32(DESCRIPTOR.id);
  if (id === 0 || id > MAX_ID) throw fail(`the ID ${id} is not possible`);
  const group = fields.uint32(DESCRIPTOR.group);
  // Without the mask Go reads the same group, but signs another relative ID.
  if (group < GROUP_MASK) throw fail(`its group number lacks the mark of a group (0x${group.toString(16)})`);
  return {
    slot,
    id,
    type: fields.int32(DESCRIPTOR.type),
    groupId: group - GROUP_MASK,
    link: linkOf(fields.uint32(DESCRIPTOR.link), fail),
    offset: place(DESCRIPTOR.offset, 'its offset'),
    size: place(DESCRIPTOR.size, 'its size'),
    sizePadded: place(DESCRIPTOR.sizePadded, 'its padded size'),
    created: fields.rounded(DESCRIPTOR.created),
    modified: fields.rounded(DESCRIPTOR.modified),
    uid: fields.rounded(DESCRIPTOR.uid),
    gid: fields.rounded(DESCRIPTOR.gid),
    name: fields.text(DESCRIPTOR.name, DESCRIPTOR.extra),
    extra: raw.subarray(DESCRIPTOR.extra, DESCRIPTOR_OCTETS),
    raw,
  };
}

/** An object's ID, a group's number with the mask, or 0. Part of the mask is neither. */
function linkOf(link: number, fail: (what: string) => SifError): Link {
  if (link === 0) return { kind: 'none', id: 0 };
  if (link <= MAX_ID) return { kind: 'object', id: link };
  if (link > GROUP_MASK) return { kind: 'group', id: link - GROUP_MASK };
  throw fail(`its link is neither to an object nor to a group (0x${link.toString(16)})`);
}
