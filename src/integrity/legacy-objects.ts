import { DATA_TYPE } from '../sif/data-type.ts';
import type { SifImage } from '../sif/image.ts';
import { MAX_SIGNATURE_OCTETS } from '../sif/limits.ts';
import { MAX_SIGNATURES_PER_GROUP } from './limits.ts';
import { readSignatureContent } from './signature-content.ts';

/** IDs of legacy signatures of single objects: linked to the object, and a member of its group. */
export async function legacyObjectSignatures(image: SifImage): Promise<number[]> {
  const linked = image.descriptors.filter(
    ({ type, link }) => type === DATA_TYPE.signature && link.kind === 'object',
  );
  const found: number[] = [];
  for (const descriptor of linked.slice(0, MAX_SIGNATURES_PER_GROUP)) {
    const { kind } = readSignatureContent(await image.read(descriptor, MAX_SIGNATURE_OCTETS));
    if (kind === 'legacy') found.push(descriptor.id);
  }
  return found;
}
