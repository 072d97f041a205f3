import { AdmissionError } from '../error.ts';
import type { StateDb } from '../table.ts';
import type { ImageReader } from './image-reader.ts';

export interface ImageReaderOptions {
  /** Keeps which file has which content, and what the content proves. */
  readonly db: StateDb;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  /** Octets of the largest image that is read. */
  readonly maxOctets?: number;
  /** Threads that read images. */
  readonly workers?: number;
  /** Images that may wait for a thread, of everybody and of one caller. */
  readonly queue?: number;
  readonly queuePerCaller?: number;
  /** Folder of promoted images; undefined: there is none. */
  readonly store?: string;
  /** The program of the threads, compiled. */
  readonly worker?: URL;
}

/** Opens the reader; threads are started when they are needed. Throws what the database throws. */
export async function createImageReader(options: ImageReaderOptions): Promise<ImageReader> {
  throw new AdmissionError('NOT_READY', `under way since ${options.now()}`);
}
