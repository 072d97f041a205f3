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

  /** What is known of the file at a path, when it is in the state in which it was read. The file is not read. */
  known(path: Uint8Array): KnownImage | undefined;

  /**
   * Reads the file at a path anew, slowly, whatever is known of it, and remembers what it holds now. Nobody who waits
   * for a look waits for it. Rejects with `NOT_READY` when the reader is closed meanwhile.
   */
  reread(path: Uint8Array): Promise<Reread>;

  /**
   * The file that is at this path now had this content under another name, where only this service could change
   * it: renaming changes a time of the file, and it shall not be read again for that.
   */
  renamed(path: Uint8Array, sha256: string): Promise<void>;

  /** Whether threads can read, within this time in milliseconds. Starts one when there is none. */
  answers(patience: number): Promise<boolean>;

  readonly counters: ReaderCounters;

  /** Stops the workers; looks under way reject. */
  close(): Promise<void>;
}

export interface KnownImage {
  readonly sha256: string;
  /** Octets. */
  readonly size: number;
  /** Milliseconds since 1970: when it was read last. */
  readonly verifiedAt: number;
}

/** What reading a file anew came to. */
export interface Reread {
  readonly content: ContentLook | ImageProblem;
  /** SHA-256 of what it held before in the very state in which it is now; undefined: that was not known. */
  readonly before?: string;
  /** It holds something else, and nothing tells that it was written: a mapping that was kept, or a bad disk. */
  readonly changed: boolean;
}

/** For metrics; all only grow but the depth. */
export interface ReaderCounters {
  readonly hashedOctets: number;
  /** Files read to the end. */
  readonly hashes: number;
  /** Octets read again to see whether they are the same. */
  readonly rereadOctets: number;
  readonly hits: number;
  readonly misses: number;
  /** Looks that waited for a hash which another one had begun. */
  readonly joined: number;
  readonly queueDepth: number;
}
