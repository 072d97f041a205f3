import { DATA_TYPE } from './data-type.ts';
import type { Descriptor } from './descriptor.ts';
import { SifError } from './error.ts';
import { isPrimaryPartition } from './extra.ts';
import type { SifHeader } from './header.ts';
import { MAX_SIGNATURE_OCTETS } from './limits.ts';

/**
 * Whether header, descriptors and a file of `fileSize` octets agree, so that every octet has one meaning.
 * Throws `BAD_HEADER`, `BAD_DESCRIPTOR` or `TOO_LARGE`. What genuine images break is not asked for: that the
 * data begin within the file when there are none, that the size of the data is right, any alignment.
 */
export function checkImage(header: SifHeader, descriptors: readonly Descriptor[], fileSize: number): void {
  const unused = header.slots - descriptors.length;
  if (header.freeSlots !== unused) {
    throw new SifError(
      'BAD_HEADER',
      `the header counts ${header.freeSlots} free descriptors, but ${unused} are free; ` +
        'the file was tampered with, or a change of it interrupted',
    );
  }
  for (const descriptor of descriptors) checkPlace(descriptor, header.dataOffset, fileSize);
  checkOverlaps(descriptors);
  checkIds(descriptors);
  const primaries = descriptors.filter(isPrimaryPartition);
  if (primaries.length > 1) {
    const ids = primaries.map(({ id }) => id).join(' and ');
    throw new SifError('BAD_DESCRIPTOR', `the objects ${ids} are both the primary partition`);
  }
}

function checkPlace({ id, type, offset, size }: Descriptor, dataOffset: number, fileSize: number): void {
  if (offset < dataOffset) {
    throw new SifError('BAD_DESCRIPTOR', `object ${id} begins before the data, at octet ${offset}`);
  }
  // Writers leave an aligned empty object at the end of an image beyond the end of its file.
  if (size > 0 && size > fileSize - offset) {
    throw new SifError('BAD_DESCRIPTOR', `object ${id} reaches beyond the end of the file; was it cut off?`);
  }
  if (type === DATA_TYPE.signature && size > MAX_SIGNATURE_OCTETS) {
    throw new SifError('TOO_LARGE', `the signature ${id} has ${size} octets, over ${MAX_SIGNATURE_OCTETS}`);
  }
}

function checkOverlaps(descriptors: readonly Descriptor[]): void {
  const placed = descriptors.filter(({ size }) => size > 0).toSorted((a, b) => a.offset - b.offset);
  let before: Descriptor | undefined;
  for (const descriptor of placed) {
    if (before !== undefined && descriptor.offset < before.offset + before.size) {
      throw new SifError('BAD_DESCRIPTOR', `the objects ${before.id} and ${descriptor.id} overlap`);
    }
    before = descriptor;
  }
}

function checkIds(descriptors: readonly Descriptor[]): void {
  const seen = new Set<number>();
  for (const { id } of descriptors) {
    if (seen.has(id)) throw new SifError('BAD_DESCRIPTOR', `two objects have the ID ${id}`);
    seen.add(id);
  }
}
