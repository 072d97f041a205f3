import { createHash } from 'node:crypto';
import type { Hash } from 'node:crypto';

import type { Descriptor } from '../sif/descriptor.ts';
import type { SifImage } from '../sif/image.ts';
import { DIGESTS } from './digest.ts';
import type { DigestName } from './digest.ts';
import { IntegrityError } from './error.ts';

export interface ReadingOptions {
  /**
   * Also make the SHA-256 of the whole file, in the same pass: only when contents are read (`true`), or also
   * when no digest is wanted.
   */
  readonly wholeFile?: boolean | 'always';
  /** Throws `TOO_MUCH_DATA` before reading when more octets than this would have to be read. */
  readonly mostOctets?: number;
  /** Called after each piece. */
  readonly onProgress?: (done: number, total: number) => void;
  /** Stops reading; its reason is thrown. */
  readonly signal?: AbortSignal;
}

/** A digest to be made of an object's content. */
export interface WantedDigest {
  readonly object: Descriptor;
  readonly name: DigestName;
}

export interface ContentDigests {
  /** Lower-case hexadecimal; undefined for what was not wanted. */
  hex(wanted: WantedDigest): string | undefined;
  /** The same, of the whole file. */
  readonly file: string | undefined;
}

interface Reading {
  readonly object: Descriptor;
  readonly hashes: ReadonlyMap<DigestName, Hash>;
}

/**
 * Reads every object once, however many digests of it are wanted, in bounded memory. Objects of an image do
 * not overlap (openSif), so the whole file, too, is read once.
 */
export async function digestContents(
  image: SifImage,
  wanted: readonly WantedDigest[],
  options: ReadingOptions,
): Promise<ContentDigests> {
  const readings = readingsOf(wanted);
  const wantsWhole = options.wholeFile === 'always' || (options.wholeFile === true && readings.length > 0);
  const whole = wantsWhole ? createHash('sha256') : undefined;
  const total = whole ? image.source.size : readings.reduce((sum, { object }) => sum + object.size, 0);
  const { mostOctets = Infinity } = options;
  if (total > mostOctets) {
    throw new IntegrityError(
      'TOO_MUCH_DATA',
      `${total} octets would have to be read; ${mostOctets} are allowed`,
    );
  }
  let done = 0;
  const advance = (octets: number): void => {
    options.signal?.throwIfAborted();
    done += octets;
    options.onProgress?.(done, total);
  };
  if (whole) await readFile(image, readings, whole, advance);
  else await readObjects(image, readings, advance);
  const made = new Map(
    readings.flatMap(({ object, hashes }) =>
      [...hashes].map(([name, hash]) => [`${name} ${object.id}`, hash.digest('hex')] as const),
    ),
  );
  return {
    hex: ({ object, name }) => made.get(`${name} ${object.id}`),
    file: whole?.digest('hex'),
  };
}

function readingsOf(wanted: readonly WantedDigest[]): Reading[] {
  const readings = new Map<number, { object: Descriptor; hashes: Map<DigestName, Hash> }>();
  for (const { object, name } of wanted) {
    const reading = readings.get(object.id) ?? { object, hashes: new Map<DigestName, Hash>() };
    readings.set(object.id, reading);
    if (!reading.hashes.has(name)) reading.hashes.set(name, createHash(DIGESTS[name].node));
  }
  return [...readings.values()].toSorted((a, b) => a.object.offset - b.object.offset);
}

async function readObjects(
  image: SifImage,
  readings: readonly Reading[],
  advance: (octets: number) => void,
): Promise<void> {
  for (const { object, hashes } of readings) {
    for await (const piece of image.data(object)) {
      for (const hash of hashes.values()) hash.update(piece);
      advance(piece.length);
    }
  }
}

async function readFile(
  { source }: SifImage,
  readings: readonly Reading[],
  whole: Hash,
  advance: (octets: number) => void,
): Promise<void> {
  let start = 0;
  let first = 0;
  for await (const piece of source.stream(0, source.size)) {
    whole.update(piece);
    const end = start + piece.length;
    for (let i = first; i < readings.length; i += 1) {
      const reading = readings[i];
      if (reading === undefined || reading.object.offset >= end) break;
      feed(reading, piece, start);
      // Behind this piece nothing is left of it.
      if (i === first && reading.object.offset + reading.object.size <= end) first += 1;
    }
    start = end;
    advance(piece.length);
  }
}

/** Hashes what a piece of the file, which begins at `start`, holds of an object. */
function feed({ object, hashes }: Reading, piece: Uint8Array, start: number): void {
  const from = Math.max(0, object.offset - start);
  const to = Math.min(piece.length, object.offset + object.size - start);
  if (from >= to) return;
  for (const hash of hashes.values()) hash.update(piece.subarray(from, to));
}
