/*
 * What a signature says: digests of the header, and of the descriptor and the content of each object, as
 * JSON (sif v2 pkg/integrity/metadata.go). It is read more strictly than Go reads it: the text must be, white
 * space between tokens apart, exactly what Go would write for its values. So it has one meaning only: no
 * duplicate, unknown or differently written keys, no numbers that round, no upper-case digits.
 */
import { formatDigest, parseDigest } from './digest.ts';
import type { Digest } from './digest.ts';

export interface ImageMetadata {
  readonly header: Digest;
  /** Relative IDs strictly increase; at least one. */
  readonly objects: readonly ObjectMetadata[];
}

export interface ObjectMetadata {
  /** ID of the object less the smallest ID in its group. */
  readonly relativeId: number;
  readonly descriptor: Digest;
  readonly content: Digest;
}

/** Object IDs are 32 bits wide. */
const MAX_RELATIVE_ID = 0xffff_ffff;

/** The text that is signed: compact JSON, fixed order, no line end. */
export function writeMetadata({ header, objects }: ImageMetadata): string {
  return JSON.stringify({
    version: 1,
    header: { digest: formatDigest(header) },
    objects: objects.map(({ relativeId, descriptor, content }) => ({
      relativeId,
      descriptorDigest: formatDigest(descriptor),
      objectDigest: formatDigest(content),
    })),
  });
}

/** The metadata, or what is wrong with the text, in words. */
export function readMetadata(text: string): ImageMetadata | string {
  const value = parseJson(text);
  if (!isObject(value)) return 'it is not a JSON object';
  if (value['version'] !== 1) return 'its version is not 1';
  const header = isObject(value['header']) ? digestIn(value['header'], 'digest') : undefined;
  if (header === undefined) return 'it has no header digest of a known algorithm';
  const objects = readObjects(value['objects']);
  if (typeof objects === 'string') return objects;
  const metadata = { header, objects };
  // No value holds white space, so what is removed stands between tokens or makes the texts differ.
  if (text.replace(/[ \t\r\n]+/g, '') !== writeMetadata(metadata)) {
    return 'it is not written as signers write it (duplicate, unknown or reordered keys, other spellings)';
  }
  return metadata;
}

function readObjects(value: unknown): ObjectMetadata[] | string {
  if (!Array.isArray(value) || value.length === 0) return 'it lists no objects';
  const objects: ObjectMetadata[] = [];
  let last = -1;
  for (const one of value) {
    const object = isObject(one) ? readObject(one) : undefined;
    if (object === undefined) return 'it lists an object without an ID or a digest of a known algorithm';
    if (object.relativeId <= last) return 'its objects are not in order, or one is listed twice';
    last = object.relativeId;
    objects.push(object);
  }
  return objects;
}

function readObject(value: Record<string, unknown>): ObjectMetadata | undefined {
  const { relativeId } = value;
  const descriptor = digestIn(value, 'descriptorDigest');
  const content = digestIn(value, 'objectDigest');
  if (typeof relativeId !== 'number' || !Number.isInteger(relativeId)) return undefined;
  if (relativeId < 0 || relativeId > MAX_RELATIVE_ID) return undefined;
  return descriptor && content && { relativeId, descriptor, content };
}

function digestIn(value: Record<string, unknown>, key: string): Digest | undefined {
  const text = value[key];
  return typeof text === 'string' ? parseDigest(text) : undefined;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
