/* What looking at an image comes to, and who looks. `looking.ts` implements it. */
import type { ImageEvidence } from '../../integrity/evidence.ts';
import type { ImageProblem } from '../../policy/facts.ts';
import type { Binding } from '../../policy/policy.ts';
import type { Caller, ImageRequest } from '../request.ts';

export interface ImageLook {
  /** The real path of the opened file, or the one asked for when nothing could be opened. */
  readonly path: Uint8Array;
  readonly binding: Binding;
  /** Milliseconds since 1970: when these bytes were read last. */
  readonly verifiedAt?: number;
  /** The bytes were not read for this request. */
  readonly cached: boolean;
  readonly content: ContentLook | ImageProblem;
}

export interface ContentLook {
  readonly kind: 'content';
  readonly evidence: ImageEvidence;
}

export interface LookOptions {
  readonly caller: Caller;
  /** Milliseconds since 1970: past it the answer is `DEADLINE`, and reading goes on for the next request. */
  readonly deadline: number;
}

export interface ImageReader {
  /**
   * Opens, identifies and, unless the same bytes are known, reads the image. What is wrong with the image is in
   * the answer; throws `QUEUE_FULL` when too many wait.
   */
  look(request: ImageRequest, options: LookOptions): Promise<ImageLook>;

  /** Evidence that was gathered before, by digest; undefined when it is not kept. */
  evidence(sha256: string): Promise<ImageEvidence | undefined>;

  readonly counters: ReaderCounters;

  /** Stops the workers; looks under way reject. */
  close(): Promise<void>;
}

/** For metrics; all only grow but the depth. */
export interface ReaderCounters {
  readonly hashedOctets: number;
  /** Files read to the end. */
  readonly hashes: number;
  readonly hits: number;
  readonly misses: number;
  /** Looks that waited for a hash which another one had begun. */
  readonly joined: number;
  readonly queueDepth: number;
}
