/* Whether what was signed is what is there, as far as that shows without reading contents. */
import type { Descriptor } from '../sif/descriptor.ts';
import type { SifImage } from '../sif/image.ts';
import { digestOf } from './digest.ts';
import type { Digest } from './digest.ts';
import type { ImageMetadata } from './metadata.ts';
import type { ContentReason } from './report.ts';
import type { Task } from './task.ts';

export interface ContentFault {
  readonly reason: ContentReason;
  readonly detail: string;
  readonly objectId?: number;
}

/** An object and the digest that its content must have. */
export interface ExpectedContent {
  readonly object: Descriptor;
  readonly digest: Digest;
}

/** Digests of what descriptors say, made once however many signatures cover them. */
export class DescriptorDigests {
  readonly #image: SifImage;
  readonly #made = new Map<string, string>();

  constructor(image: SifImage) {
    this.#image = image;
  }

  has(object: Descriptor, { name, hex }: Digest): boolean {
    const key = `${name} ${object.id}`;
    let made = this.#made.get(key);
    if (made === undefined) {
      made = digestOf(name, this.#image.protectedDescriptor(object)).hex;
      this.#made.set(key, made);
    }
    return made === hex;
  }
}

/**
 * Compares in the order set of objects, header, descriptors. Returns the contents that are left to be read,
 * in table order, or the first fault. For one object alone other objects may be signed or not.
 */
export function checkCoverage(
  task: Task,
  metadata: ImageMetadata,
  image: SifImage,
  descriptors: DescriptorDigests,
): readonly ExpectedContent[] | ContentFault {
  const signed = new Map(metadata.objects.map((one) => [one.relativeId + task.group.firstId, one]));
  const unsigned = task.objects.find(({ id }) => !signed.has(id));
  if (unsigned !== undefined) {
    const detail = `object ${unsigned.id} is not covered by the signature`;
    return { reason: 'OBJECT_NOT_SIGNED', detail, objectId: unsigned.id };
  }
  if (task.only === undefined && signed.size > task.objects.length) {
    const there = new Set(task.objects.map(({ id }) => id));
    const missing = [...signed.keys()].find((id) => !there.has(id));
    return { reason: 'OBJECT_MISSING', detail: `object ${missing} was signed and is not in the group` };
  }
  if (digestOf(metadata.header.name, image.protectedHeader()).hex !== metadata.header.hex) {
    return {
      reason: 'HEADER_CHANGED',
      detail: 'the header (launch script, version or UUID) is not the signed one',
    };
  }
  const expected: ExpectedContent[] = [];
  for (const object of task.objects) {
    const one = signed.get(object.id);
    if (one === undefined || !descriptors.has(object, one.descriptor)) {
      const detail = `the descriptor of object ${object.id} is not the signed one`;
      return { reason: 'DESCRIPTOR_CHANGED', detail, objectId: object.id };
    }
    expected.push({ object, digest: one.content });
  }
  return expected;
}
