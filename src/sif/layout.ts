/*
 * Where things are in an image: all integers little-endian, no padding (sif v2 pkg/sif/sif.go, the structures
 * `header` and `rawDescriptor`; the writer of 2018, v1, has the same).
 */

export const HEADER_OCTETS = 128;
export const DESCRIPTOR_OCTETS = 585;

/** What writers choose: the table begins here and has this many slots. Readers go by the header. */
export const TABLE_OFFSET = 4096;
export const TABLE_SLOTS = 48;

/** `SIF_MAGIC`, NUL, at octet 32. */
export const MAGIC: Uint8Array = Uint8Array.of(0x53, 0x49, 0x46, 0x5f, 0x4d, 0x41, 0x47, 0x49, 0x43, 0);
/** `01`, NUL: the only version there is. */
export const VERSION: Uint8Array = Uint8Array.of(0x30, 0x31, 0);

/** Offsets in the header. */
export const HEADER = {
  launchScript: 0,
  magic: 32,
  version: 42,
  architecture: 45,
  uuid: 48,
  created: 64,
  modified: 72,
  freeSlots: 80,
  slots: 88,
  tableOffset: 96,
  tableSize: 104,
  dataOffset: 112,
  dataSize: 120,
} as const;

/** Offsets in a descriptor. */
export const DESCRIPTOR = {
  type: 0,
  used: 4,
  id: 5,
  group: 9,
  link: 13,
  offset: 17,
  size: 25,
  sizePadded: 33,
  created: 41,
  modified: 49,
  uid: 57,
  gid: 65,
  name: 73,
  extra: 201,
} as const;

/** Set in the number of a group, and in a link to one. Alone: in no group. */
export const GROUP_MASK = 0xf000_0000;

/** Go's zero time in Unix seconds, 1 January of year 1: what images without times have in their place. */
export const NO_TIME = -62_135_596_800;
