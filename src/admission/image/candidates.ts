import { closeSync } from 'node:fs';

import type { ImageProblem } from '../../policy/facts.ts';
import type { ImageRequest } from '../request.ts';
import { standingOf } from './binding.ts';
import type { Standing } from './binding.ts';
import { identityOf } from './file-identity.ts';
import type { FileIdentity } from './file-identity.ts';
import { fileSystemOf } from './file-system.ts';
import type { FileSystem } from './file-system.ts';
import { Mounts } from './mounts.ts';
import type { MountTable } from './mounts.ts';
import { openDescriptor } from './open-descriptor.ts';
import { openPath } from './open-path.ts';
import type { OpenedImage } from './opened-image.ts';
import type { Reader } from './permission.ts';
import { problem } from './problem.ts';

/** What is known of a file before its content is. Whoever has it closes `image.fd`. */
export interface Candidate {
  readonly image: OpenedImage;
  readonly fileSystem: FileSystem;
  readonly standing: Standing;
  readonly identity: FileIdentity;
}

/** Nothing is open. */
export interface NoCandidate {
  /** The real path, or the one that was asked for. */
  readonly path: Uint8Array;
  readonly problem: ImageProblem;
}

export interface CandidateOptions {
  /** Milliseconds since 1970. */
  readonly now: () => number;
  readonly maxOctets: number;
  /** Folder of promoted images, its real path. */
  readonly store: string | undefined;
  /** The user that the service runs as. */
  readonly uid: number;
  /** What is mounted; the kernel is asked when absent. */
  readonly mounts: (() => MountTable) | undefined;
}

/** Finds files and says how far they can be believed. */
export class Candidates {
  readonly #options: CandidateOptions;
  readonly #mounts: Mounts;

  constructor(options: CandidateOptions) {
    const { now, mounts } = options;
    this.#options = options;
    this.#mounts = new Mounts({ now, ...(mounts && { read: mounts }) });
  }

  find(request: ImageRequest, reader: Reader): Candidate | NoCandidate {
    const image = this.#open(request, reader);
    if (image.kind === 'problem') return { path: pathAsked(request), problem: image };
    let found: Candidate | NoCandidate | undefined;
    try {
      found = this.#stands(image, request.kind === 'fd');
      return found;
    } finally {
      if (found === undefined || 'problem' in found) closeSync(image.fd);
    }
  }

  #open(request: ImageRequest, reader: Reader): OpenedImage | ImageProblem {
    const { maxOctets } = this.#options;
    return request.kind === 'path'
      ? openPath(request.path, reader, maxOctets)
      : openDescriptor(request, reader, maxOctets);
  }

  #stands(image: OpenedImage, held: boolean): Candidate | NoCandidate {
    const mount = this.#mounts.of(image.fd);
    if (mount === 'hidden') {
      // Its path could be that of another file here, for which other rules are.
      const hidden = problem('IO_ERROR', 'it is on a mount that this service does not see');
      return { path: image.path, problem: hidden };
    }
    const { store, uid } = this.#options;
    const fileSystem = fileSystemOf(mount);
    const standing = standingOf(image, { held, fileSystem, store, uid });
    return { image, fileSystem, standing, identity: identityOf(image.stats, mount) };
  }
}

function pathAsked(request: ImageRequest): Uint8Array {
  return request.kind === 'path' ? request.path : Buffer.from(`/proc/${request.pid}/fd/${request.fd}`);
}
