/* What a reading thread is told, and what it answers. */
import type { ImageProblem } from '../../policy/facts.ts';
import type { ContentLook } from './image-reader.ts';

export interface ReadOrder {
  /** A file that the other thread keeps open: descriptors belong to the process. */
  readonly fd: number;
  /** Octets it has. */
  readonly size: number;
  /** Octets in a second that are read at the most; undefined: as fast as it goes. */
  readonly rate?: number;
}

/** What a thread is given at its start: one number, shared, that it raises whenever it does something. */
export interface ThreadData {
  readonly beat: Int32Array<SharedArrayBuffer>;
}

/** Asks a thread that has nothing to do whether it is there. */
export const PING = 'ping';

export type ReadOutcome = ContentLook | ImageProblem;
