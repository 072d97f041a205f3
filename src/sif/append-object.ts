import { createHash } from 'node:crypto';
import type { FileHandle } from 'node:fs/promises';
import { DATA_TYPE } from './data-type.ts';
import type { Descriptor } from './descriptor.ts';
import { SifError } from './error.ts';
import { isPrimaryPartition, PARTITION, PRIMARY_PARTITION } from './extra.ts';
import { Fields } from './fields.ts';
import type { Head } from './head.ts';
import { MAX_SIGNATURE_OCTETS } from './limits.ts';
import { alignedOffset, checkInput, encodeDescriptor, extraOf } from './object-input.ts';
import type { ObjectInput } from './object-input.ts';
import { writeOctets } from './write-octets.ts';

/**
 * Writes the content behind the data of an image and its descriptor into `head`, which is not written.
 * Returns the descriptor. Throws `BAD_INPUT`, `TABLE_FULL`, `TOO_LARGE`, errors of the system, and what the
 * content throws.
 */
export async function appendObject(
  file: FileHandle,
  head: Head,
  input: ObjectInput,
  time: number,
): Promise<Descriptor> {
  checkInput(input);
  const slot = head.freeSlot();
  checkPrimary(head, input);
  const end = head.dataEnd;
  const offset = alignedOffset(end, input);
  const sha256 = createHash('sha256');
  const most = input.type === DATA_TYPE.signature ? MAX_SIGNATURE_OCTETS : Number.MAX_SAFE_INTEGER - offset;
  let size = 0;
  for await (const piece of input.content) {
    if (piece.length > most - size) throw new SifError('TOO_LARGE', `an object of more than ${most} octets`);
    await writeOctets(file, piece, offset + size);
    size += piece.length;
    if (input.type === DATA_TYPE.ociBlob || input.type === DATA_TYPE.ociRootIndex) sha256.update(piece);
  }
  const placed = { slot, offset, size, sizePadded: offset - end + size };
  return head.fill(slot, encodeDescriptor(input, placed, extraOf(input, sha256.digest('hex')), time));
}

/** An image has one primary partition. To be known before the content is written. */
function checkPrimary(head: Head, { type, extra }: ObjectInput): void {
  const use =
    extra === undefined || extra.length < PARTITION.end ? 0 : new Fields(extra).int32(PARTITION.use);
  if (type !== DATA_TYPE.partition || use !== PRIMARY_PARTITION) return;
  const held = head.descriptors().find(isPrimaryPartition);
  if (held === undefined) return;
  throw new SifError(
    'BAD_INPUT',
    `the image has a primary partition, object ${held.id}; add this one as a system partition, or delete that`,
  );
}
