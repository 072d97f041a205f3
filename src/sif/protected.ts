/*
 * What a signature covers besides the contents, octet by octet (sif v2 header.GetIntegrityReader and
 * Descriptor.GetIntegrityReader). Everything else of header and descriptors may change unnoticed.
 */
import { concatBytes } from '../bytes/compare.ts';
import type { Descriptor } from './descriptor.ts';
import { Fields } from './fields.ts';
import type { SifHeader } from './header.ts';
import { DESCRIPTOR, DESCRIPTOR_OCTETS, HEADER } from './layout.ts';

/** Launch script, magic, version, UUID: 61 octets. */
export function protectedHeader({ raw }: SifHeader): Uint8Array {
  return concatBytes([
    raw.subarray(HEADER.launchScript, HEADER.architecture),
    raw.subarray(HEADER.uuid, HEADER.created),
  ]);
}

/** Type, use, relative ID, link, size, creation time, uid, gid, name, extra: 557 octets. */
export function protectedDescriptor(descriptor: Descriptor, all: readonly Descriptor[]): Uint8Array {
  const { raw } = descriptor;
  const relativeId = new Uint8Array(4);
  new Fields(relativeId).setUint32(0, relativeIdOf(descriptor, all));
  return concatBytes([
    raw.subarray(DESCRIPTOR.type, DESCRIPTOR.id),
    relativeId,
    raw.subarray(DESCRIPTOR.link, DESCRIPTOR.offset),
    raw.subarray(DESCRIPTOR.size, DESCRIPTOR.sizePadded),
    raw.subarray(DESCRIPTOR.created, DESCRIPTOR.modified),
    raw.subarray(DESCRIPTOR.uid, DESCRIPTOR_OCTETS),
  ]);
}

/** The distance from the lowest ID in the object's group, or among the objects in no group. */
function relativeIdOf({ id, groupId }: Descriptor, all: readonly Descriptor[]): number {
  const lowest = all.reduce((low, other) => (other.groupId === groupId ? Math.min(low, other.id) : low), id);
  return id - lowest;
}
