import type { ByteSource } from '../bytes/byte-source.ts';
import { checkImage } from './check-image.ts';
import { isUsed, readDescriptor } from './descriptor.ts';
import type { Descriptor } from './descriptor.ts';
import { SifError } from './error.ts';
import { readHeader } from './header.ts';
import type { SifHeader } from './header.ts';
import { DESCRIPTOR_OCTETS, HEADER_OCTETS } from './layout.ts';
import { protectedDescriptor, protectedHeader } from './protected.ts';

/** An image whose header and descriptors were read and found consistent with each other and the file. */
export interface SifImage {
  readonly header: SifHeader;
  /** Those in use, in the order of the table. */
  readonly descriptors: readonly Descriptor[];
  readonly source: ByteSource;
  /** The 61 octets of the header that a signature covers. */
  protectedHeader(): Uint8Array;
  /** The 557 octets that a signature covers for a descriptor of this image. */
  protectedDescriptor(descriptor: Descriptor): Uint8Array;
  /** The object's content, piece by piece; a piece is valid until the next is asked for. */
  data(descriptor: Descriptor): AsyncIterable<Uint8Array>;
  /** The whole content; throws `TOO_LARGE` when it has more than `most` octets. */
  read(descriptor: Descriptor, most: number): Promise<Uint8Array>;
}

/**
 * Reads header and table of an image. Stricter than the reference library, which believes them: throws
 * `SifError` for an image that contradicts itself. Contents are not read.
 */
export async function openSif(source: ByteSource): Promise<SifImage> {
  if (source.size < HEADER_OCTETS) {
    throw new SifError('NOT_A_SIF', `not a SIF image: it has only ${source.size} octets`);
  }
  const header = readHeader(await source.read(0, HEADER_OCTETS));
  const { tableOffset, tableSize, slots } = header;
  if (tableSize > 0 && tableOffset + tableSize > source.size) {
    throw new SifError('BAD_HEADER', 'the descriptors reach beyond the end of the file; it was cut off');
  }
  const table = tableSize === 0 ? new Uint8Array() : await source.read(tableOffset, tableSize);
  const descriptors: Descriptor[] = [];
  for (let slot = 0; slot < slots; slot += 1) {
    const raw = table.subarray(slot * DESCRIPTOR_OCTETS, (slot + 1) * DESCRIPTOR_OCTETS);
    if (isUsed(raw, slot)) descriptors.push(readDescriptor(raw, slot));
  }
  checkImage(header, descriptors, source.size);
  return {
    header,
    descriptors,
    source,
    protectedHeader: () => protectedHeader(header),
    protectedDescriptor: (descriptor) => protectedDescriptor(descriptor, descriptors),
    data: ({ offset, size }) => source.stream(size === 0 ? 0 : offset, size),
    read: async ({ id, offset, size }, most) => {
      if (size > most) {
        throw new SifError(
          'TOO_LARGE',
          `object ${id} has ${size} octets, more than the ${most} allowed here`,
        );
      }
      return source.read(size === 0 ? 0 : offset, size);
    },
  };
}
