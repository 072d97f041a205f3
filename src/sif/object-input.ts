import { DATA_TYPE } from './data-type.ts';
import { SifError } from './error.ts';
import { Fields } from './fields.ts';
import { DESCRIPTOR, DESCRIPTOR_OCTETS, GROUP_MASK } from './layout.ts';
import type { Link } from './descriptor.ts';
import { MAX_ALIGNMENT, MAX_ID, MAX_NAME_OCTETS } from './limits.ts';

/** A data object to be written. */
export interface ObjectInput {
  /** A code of data-type.ts. */
  readonly type: number;
  /** Pieces of any size; a piece is used up before the next is asked for. */
  readonly content: AsyncIterable<Uint8Array> | Iterable<Uint8Array>;
  /** 0 for none; 1 when not given. */
  readonly groupId?: number;
  readonly link?: Link;
  /** A power of two; when not given 4096 for partitions and none for others. */
  readonly alignment?: number;
  readonly name?: string;
  /** Unix seconds; the time of the change when not given. */
  readonly time?: number;
  /** At most 384 octets. An OCI object's are made from the digest of its content when not given. */
  readonly extra?: Uint8Array;
}

/** Where an object's content came to lie. */
export interface Placed {
  readonly slot: number;
  readonly offset: number;
  readonly size: number;
  readonly sizePadded: number;
}

/** What the reference library aligns partitions to. */
const PARTITION_ALIGNMENT = 4096;
const DEFAULT_GROUP = 1;
const EXTRA_OCTETS = DESCRIPTOR_OCTETS - DESCRIPTOR.extra;

/** Throws `BAD_INPUT` for what cannot be written; before anything is. */
export function checkInput(input: ObjectInput): void {
  const { type, groupId = DEFAULT_GROUP, link, alignment = 0, extra } = input;
  if (!Number.isSafeInteger(type) || type < 0 || type > 0x7fff_ffff) {
    throw bad(`the data type ${type} is not possible`);
  }
  if (!isId(groupId) && groupId !== 0) {
    throw bad(`the group ${groupId} is not possible; groups are 1 to ${MAX_ID}`);
  }
  if (!isAlignment(alignment)) {
    throw bad(`an alignment of ${alignment} is not possible; it is a power of two up to ${MAX_ALIGNMENT}`);
  }
  if (extra !== undefined && extra.length > EXTRA_OCTETS) {
    throw bad(`${extra.length} extra octets; at most ${EXTRA_OCTETS} fit`);
  }
  checkLink(link);
  checkName(input.name ?? '');
}

function checkLink({ kind, id }: Link = { kind: 'none', id: 0 }): void {
  if (kind === 'none' || isId(id)) return;
  throw bad(`a link to ${kind} ${id} is not possible; IDs are 1 to ${MAX_ID}`);
}

function checkName(name: string): void {
  const octets = Buffer.byteLength(name);
  if (octets > MAX_NAME_OCTETS) throw bad(`a name of ${octets} octets; at most ${MAX_NAME_OCTETS} fit`);
  if (name.includes('\0')) throw bad('a name cannot hold a NUL');
}

function bad(what: string): SifError {
  return new SifError('BAD_INPUT', what);
}

/** 0 and 1 both mean none. */
function isAlignment(alignment: number): boolean {
  return (
    alignment === 0 ||
    (alignment >= 1 && alignment <= MAX_ALIGNMENT && Number.isInteger(Math.log2(alignment)))
  );
}

function isId(id: number): boolean {
  return Number.isSafeInteger(id) && id >= 1 && id <= MAX_ID;
}

/** The first place from `end` on where the object may begin. */
export function alignedOffset(end: number, { type, alignment }: ObjectInput): number {
  const step = (alignment ?? (type === DATA_TYPE.partition ? PARTITION_ALIGNMENT : 1)) || 1;
  return Math.ceil(end / step) * step;
}

/** The extra octets, `sha256` being the digest of the content in hexadecimal. */
export function extraOf({ type, extra }: ObjectInput, sha256: string): Uint8Array {
  if (extra !== undefined) return extra;
  const digest = type === DATA_TYPE.ociBlob || type === DATA_TYPE.ociRootIndex;
  return digest ? Buffer.from(`sha256:${sha256}`) : new Uint8Array();
}

/** The 585 octets of the descriptor. IDs count the slots from 1; uid and gid are no longer written. */
export function encodeDescriptor(
  input: ObjectInput,
  placed: Placed,
  extra: Uint8Array,
  time: number,
): Uint8Array {
  const raw = new Uint8Array(DESCRIPTOR_OCTETS);
  const fields = new Fields(raw);
  fields.setUint32(DESCRIPTOR.type, input.type);
  fields.setOctets(DESCRIPTOR.used, Uint8Array.of(1));
  fields.setUint32(DESCRIPTOR.id, placed.slot + 1);
  fields.setUint32(DESCRIPTOR.group, GROUP_MASK + (input.groupId ?? DEFAULT_GROUP));
  fields.setUint32(DESCRIPTOR.link, linkValue(input.link));
  fields.setInteger(DESCRIPTOR.offset, placed.offset);
  fields.setInteger(DESCRIPTOR.size, placed.size);
  fields.setInteger(DESCRIPTOR.sizePadded, placed.sizePadded);
  fields.setInteger(DESCRIPTOR.created, input.time ?? time);
  fields.setInteger(DESCRIPTOR.modified, input.time ?? time);
  fields.setOctets(DESCRIPTOR.name, Buffer.from(input.name ?? ''));
  fields.setOctets(DESCRIPTOR.extra, extra);
  return raw;
}

function linkValue(link: Link | undefined): number {
  if (link === undefined || link.kind === 'none') return 0;
  return link.kind === 'group' ? GROUP_MASK + link.id : link.id;
}
