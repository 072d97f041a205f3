import { AdmissionError } from './error.ts';
import type { ImageReader } from './image/image-reader.ts';

export interface PromoteOptions {
  /** Folder of the store: absolute; made when it is missing. The same as the reader's `store`. */
  readonly store: string;
  /** Of the admitted image, lower-case hexadecimal: what the copy has to be. */
  readonly sha256: string;
  /** Reads the copy, in its threads. */
  readonly reader: ImageReader;
}

export interface Promoted {
  /** Of the image in the store. */
  readonly path: string;
  readonly sha256: string;
  /** `present`: it was there before, and was read again. */
  readonly method: 'reflink' | 'copy' | 'present';
}

/** Copies the image at `source` (as octets) into the store. Throws `PROMOTE_FAILED`; nothing is left then. */
export async function promote(source: Uint8Array, options: PromoteOptions): Promise<Promoted> {
  throw new AdmissionError('PROMOTE_FAILED', `under way: ${source.length} ${options.store}`);
}
