import { closeSync } from 'node:fs';

import type { ImageProblem, ProblemCode } from '../../policy/facts.ts';
import type { Candidate, Candidates } from './candidates.ts';
import { sameButTimeOfChange } from './file-identity.ts';
import type { KnownImage, Reread } from './image-reader.ts';
import type { KnownFiles } from './known-files.ts';
import { openForReading } from './opened-image.ts';
import { problemOf } from './problem.ts';
import type { ReadFile, Reading } from './reading.ts';

export interface RereadingParts {
  readonly candidates: Candidates;
  readonly files: KnownFiles;
  /** Reads at its own pace, in a thread of its own: whoever waits for an answer does not wait for it. */
  readonly reading: Reading;
  /** Takes note of what was read. */
  readonly keep: (candidate: Candidate, read: ReadFile) => Promise<void>;
}

/** What says something about the octets, not about the way to them. */
const OF_CONTENT: ReadonlySet<ProblemCode> = new Set(['NOT_SIF', 'BAD_FORMAT', 'LIMIT']);

/** Known files, looked at for their own sake: nobody asks whether they may run. */
export class Rereading {
  readonly #parts: RereadingParts;

  constructor(parts: RereadingParts) {
    this.#parts = parts;
  }

  known(path: Uint8Array): KnownImage | undefined {
    const candidate = this.#find(path);
    if ('problem' in candidate) return undefined;
    closeSync(candidate.image.fd);
    const known = this.#parts.files.peek(candidate.identity);
    if (known === undefined) return undefined;
    const { sha256, verifiedAt } = known;
    return { sha256, verifiedAt, size: Number(candidate.image.stats.size) };
  }

  async reread(path: Uint8Array): Promise<Reread> {
    const candidate = this.#find(path);
    if ('problem' in candidate) return { content: candidate.problem, changed: false };
    const { identity, fileSystem } = candidate;
    const before = this.#parts.files.peek(identity)?.sha256;
    const name = `${identity.file} ${identity.state}`;
    const fd = opened(candidate);
    if (typeof fd !== 'number') return { content: fd, changed: false };
    const read = await this.#read(name, { fd, granularity: fileSystem.granularity }, candidate);
    const { outcome } = read;
    if (before === undefined || read.state !== identity.state) return { content: outcome, changed: false };
    const after = outcome.kind === 'content' ? outcome.evidence.sha256 : undefined;
    const changed = after === undefined ? isOfContent(outcome) : after !== before;
    return { content: outcome, before, changed };
  }

  async renamed(path: Uint8Array, sha256: string): Promise<void> {
    const candidate = this.#find(path);
    if ('problem' in candidate) return;
    const { files } = this.#parts;
    const { image, identity } = candidate;
    closeSync(image.fd);
    const known = files.lastOf(identity.file);
    if (known?.sha256 !== sha256 || !sameButTimeOfChange(known.state, identity.state)) return;
    await files.keep(identity, sha256, known.verifiedAt);
  }

  #find(path: Uint8Array): ReturnType<Candidates['find']> {
    return this.#parts.candidates.find({ kind: 'path', path }, { kind: 'service' });
  }

  /** Closes the descriptor, or has it closed. */
  #read(name: string, file: { fd: number; granularity: number }, candidate: Candidate): Promise<ReadFile> {
    const { keep, reading } = this.#parts;
    const underWay = reading.underWay(name);
    if (underWay !== undefined) {
      closeSync(file.fd);
      return underWay;
    }
    try {
      return reading.begin(name, file, 'reread', (read) => keep(candidate, read));
    } catch (error) {
      closeSync(file.fd);
      throw error;
    }
  }
}

/** To be read; the descriptor that names it is closed. */
function opened({ image }: Candidate): number | ImageProblem {
  try {
    return openForReading(image);
  } catch (error) {
    return problemOf(error);
  } finally {
    closeSync(image.fd);
  }
}

function isOfContent(outcome: ReadFile['outcome']): boolean {
  return outcome.kind === 'problem' && OF_CONTENT.has(outcome.code);
}
