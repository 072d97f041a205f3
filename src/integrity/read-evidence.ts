/*
 * What an image's bytes prove whoever's keys are known. Nothing here is authenticated: anybody may have
 * written the signatures, so what they can make this room do is bounded before it is done.
 */
import type { ByteSource } from '../bytes/byte-source.ts';
import { openSif } from '../sif/image.ts';
import { digestContents } from './content-digests.ts';
import type { ReadingOptions } from './content-digests.ts';
import type { ImageEvidence } from './evidence.ts';

export type EvidenceOptions = Pick<ReadingOptions, 'onProgress' | 'signal'>;

export async function readEvidence(
  source: ByteSource,
  options: EvidenceOptions = {},
): Promise<ImageEvidence> {
  const image = await openSif(source);
  await digestContents(image, [], options);
  throw new Error('under way');
}
