import { createReadStream } from 'node:fs';
import { CertificateSplitter } from './certificate-splitter.ts';
import { dearmorStream, looksArmored } from './armor-stream.ts';
import type { DumpPiece } from './dump-piece.ts';
import { READ_SIZE } from './limits.ts';

export interface ReadDumpOptions {
  /** Where to begin: 0, or the `end` of a piece that an earlier reading gave. */
  readonly from: number;
  /** Told how many octets of the file have been read. */
  readonly onRead?: (octets: number) => void;
}

/** Each is to be gone through to its end, or no other asked for; nothing in it is waited for. */
type Portions = AsyncGenerator<Iterable<DumpPiece>>;

/**
 * The pieces of a keyring, binary or armored, from a file or `-` for standard input, as they are read. Bounded memory.
 */
export async function readDump(path: string, options: ReadDumpOptions): Promise<Portions> {
  if (path === '-') return readEither(chunksOf(path, 0, options.onRead));
  if (looksArmored(await firstOctets(path))) {
    return readArmored(chunksOf(path, 0, options.onRead), options.from);
  }
  return readBinary(chunksOf(path, options.from, options.onRead), options.from);
}

async function* readBinary(chunks: AsyncIterable<Uint8Array>, from: number): Portions {
  const splitter = new CertificateSplitter(from);
  for await (const chunk of chunks) yield splitter.push(chunk);
  yield splitter.end();
}

async function* readArmored(chunks: AsyncIterable<Uint8Array>, from: number): Portions {
  const splitter = new CertificateSplitter(from);
  let seen = 0;
  for await (const piece of dearmorStream(chunks)) {
    if (piece.kind === 'octets') {
      // Armor cannot be entered in the middle: what was read before is decoded again and dropped.
      const skipped = Math.min(Math.max(from - seen, 0), piece.octets.length);
      seen += piece.octets.length;
      if (skipped < piece.octets.length) yield splitter.push(piece.octets.subarray(skipped));
    } else if (seen > from || from === 0) {
      yield splitter.end(piece.fault === undefined ? undefined : { code: 'BAD_ARMOR', reason: piece.fault });
    }
  }
}

/** A pipe cannot be read twice: its first chunk decides. */
async function* readEither(chunks: AsyncIterable<Uint8Array>): Portions {
  const iterator = chunks[Symbol.asyncIterator]();
  const first = await iterator.next();
  if (first.done === true) return;
  const all = (async function* () {
    yield first.value;
    yield* { [Symbol.asyncIterator]: () => iterator };
  })();
  yield* looksArmored(first.value) ? readArmored(all, 0) : readBinary(all, 0);
}

async function firstOctets(path: string): Promise<Uint8Array> {
  const chunks: AsyncIterable<Buffer> = createReadStream(path, {
    end: READ_SIZE - 1,
    highWaterMark: READ_SIZE,
  });
  for await (const chunk of chunks) return chunk;
  return new Uint8Array();
}

async function* chunksOf(
  path: string,
  start: number,
  onRead: ((octets: number) => void) | undefined,
): AsyncGenerator<Uint8Array> {
  const chunks: AsyncIterable<Buffer> =
    path === '-' ? process.stdin : createReadStream(path, { start, highWaterMark: READ_SIZE });
  let octets = start;
  for await (const chunk of chunks) {
    octets += chunk.length;
    onRead?.(octets);
    yield chunk;
  }
}
