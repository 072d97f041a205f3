/* What a reading thread is told, and what it answers. */
import type { ImageProblem } from '../../policy/facts.ts';
import type { ContentLook } from './image-reader.ts';

export interface ReadOrder {
  /** A file that the other thread keeps open: descriptors belong to the process. */
  readonly fd: number;
  /** Octets it has. */
  readonly size: number;
}

export type ReadOutcome = ContentLook | ImageProblem;
