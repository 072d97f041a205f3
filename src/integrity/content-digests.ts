import { createHash } from 'node:crypto';

import type { Descriptor } from '../sif/descriptor.ts';
import type { SifImage } from '../sif/image.ts';
import { DIGESTS } from './digest.ts';
import type { DigestName } from './digest.ts';
import { IntegrityError } from './error.ts';
import { PartDigests } from './part-digests.ts';
import type { FilePart } from './part-digests.ts';

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
  /** Makes the digests of contents while the one of the whole file is made here. */
  readonly beside?: DigestBeside;
}

/**
 * Called before the whole file is streamed: makes the digests of these parts of it, in the order of their offsets, from
 * the very octets that the stream gives, as `PartDigests` would.
 */
export type DigestBeside = (parts: readonly FilePart[]) => Promise<readonly (readonly string[])[]>;

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

/** An object of which digests are wanted. */
interface Reading {
  readonly object: Descriptor;
  readonly names: ReadonlySet<DigestName>;
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
  const parts = readings.map(({ object: { offset, size }, names }) => ({ offset, size, names: [...names] }));
  const hex = whole
    ? await digestFile(image, parts, {
        whole: (piece) => whole.update(piece),
        advance,
        beside: options.beside,
      })
    : await digestObjects(image, readings, advance);
  const made = new Map(
    readings.flatMap(({ object, names }, i) =>
      [...names].map((name, j) => [`${name} ${object.id}`, hex[i]?.[j]] as const),
    ),
  );
  return {
    hex: ({ object, name }) => made.get(`${name} ${object.id}`),
    file: whole?.digest('hex'),
  };
}

function readingsOf(wanted: readonly WantedDigest[]): Reading[] {
  const readings = new Map<number, { object: Descriptor; names: Set<DigestName> }>();
  for (const { object, name } of wanted) {
    const reading = readings.get(object.id) ?? { object, names: new Set() };
    readings.set(object.id, reading);
    reading.names.add(name);
  }
  return [...readings.values()].toSorted((a, b) => a.object.offset - b.object.offset);
}

/** Digests of parts of the file, lower-case hexadecimal, by their names. */
type PartHex = readonly (readonly string[])[];

async function digestObjects(
  image: SifImage,
  readings: readonly Reading[],
  advance: (octets: number) => void,
): Promise<PartHex> {
  const made: string[][] = [];
  for (const { object, names } of readings) {
    const hashes = [...names].map((name) => createHash(DIGESTS[name].node));
    for await (const piece of image.data(object)) {
      for (const hash of hashes) hash.update(piece);
      advance(piece.length);
    }
    made.push(hashes.map((hash) => hash.digest('hex')));
  }
  return made;
}

interface FilePass {
  /** Takes every piece of the file. */
  readonly whole: (piece: Uint8Array) => void;
  readonly advance: (octets: number) => void;
  readonly beside: DigestBeside | undefined;
}

async function digestFile(
  { source }: SifImage,
  parts: readonly FilePart[],
  { whole, advance, beside }: FilePass,
): Promise<PartHex> {
  const elsewhere = parts.length === 0 ? undefined : beside?.(parts);
  // Should reading fail, that is told, and nothing of what became of the others.
  elsewhere?.catch(() => undefined);
  const here = new PartDigests(elsewhere === undefined ? parts : []);
  for await (const piece of source.stream(0, source.size)) {
    whole(piece);
    here.take(piece);
    advance(piece.length);
  }
  return elsewhere ?? here.hex();
}
