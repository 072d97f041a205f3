import type { SifImage } from '../sif/image.ts';

/** Octets behind the last object: covered by no signature. */
export function trailingOctets({ descriptors, header, source }: SifImage): number {
  const end = descriptors.reduce(
    (last, { offset, size }) => (size === 0 ? last : Math.max(last, offset + size)),
    header.tableOffset + header.tableSize,
  );
  return Math.max(0, source.size - end);
}
