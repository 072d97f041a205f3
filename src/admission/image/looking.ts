import { closeSync, lstatSync, readFileSync } from 'node:fs';

import type { ImageEvidence } from '../../integrity/evidence.ts';
import type { ImageProblem } from '../../policy/facts.ts';
import { AdmissionError } from '../error.ts';
import {
  IMAGE_WORKERS,
  MAX_IMAGE_OCTETS,
  MAX_QUEUED_IMAGES,
  MAX_QUEUED_IMAGES_PER_CALLER,
  REREAD_RATE,
} from '../limits.ts';
import type { Caller, ImageRequest } from '../request.ts';
import type { StateDb } from '../table.ts';
import type { Standing } from './binding.ts';
import { Candidates } from './candidates.ts';
import type { Candidate } from './candidates.ts';
import { isSameFile } from './file-identity.ts';
import { Groups } from './groups.ts';
import type {
  ImageLook,
  ImageReader,
  KnownImage,
  LookOptions,
  ReaderCounters,
  Reread,
} from './image-reader.ts';
import { KeptEvidence } from './kept-evidence.ts';
import { KnownFiles } from './known-files.ts';
import type { KnownFile } from './known-files.ts';
import type { MountTable } from './mounts.ts';
import { openForReading } from './opened-image.ts';
import type { OpenedImage } from './opened-image.ts';
import { problem, problemOf } from './problem.ts';
import { Reading } from './reading.ts';
import type { ReadFile } from './reading.ts';
import { Rereading } from './rereading.ts';

export interface ImageReaderOptions {
  /** Keeps which file has which content, and what the content proves. */
  readonly db: StateDb;
  /** Milliseconds since 1970, by the clock that files are dated with. */
  readonly now: () => number;
  /** Octets of the largest image that is read. */
  readonly maxOctets?: number;
  /** Threads that read images. */
  readonly workers?: number;
  /** Images that may wait for a thread, of everybody and of one caller. */
  readonly queue?: number;
  readonly queuePerCaller?: number;
  /** Octets in a second at which files are read anew. */
  readonly rereadRate?: number;
  /** Folder of promoted images, its real path; undefined: there is none. */
  readonly store?: string;
  /** The program of the threads, compiled. */
  readonly worker?: URL;
  /** The user that the service runs as. */
  readonly uid?: number;
  /** What the machine calls its present start. */
  readonly bootId?: string;
  /** What is mounted. */
  readonly mounts?: () => MountTable;
}

/** Opens the reader; threads are started when they are needed. Throws what the database throws. */
export async function createImageReader(options: ImageReaderOptions): Promise<ImageReader> {
  const boot = options.bootId ?? readFileSync('/proc/sys/kernel/random/boot_id', 'latin1').trim();
  const files = await KnownFiles.open(options.db.table<KnownFile>('image-files'), boot);
  const evidence = await KeptEvidence.open(options.db.table<ImageEvidence>('image-evidence'));
  return new Looking(options, files, evidence);
}

class Looking implements ImageReader {
  readonly #options: ImageReaderOptions;
  readonly #files: KnownFiles;
  readonly #evidence: KeptEvidence;
  readonly #candidates: Candidates;
  readonly #groups: Groups;
  readonly #reading: Reading;
  /** For files that are read anew. */
  readonly #slowReading: Reading;
  readonly #rereading: Rereading;
  #hits = 0;
  #misses = 0;
  #joined = 0;
  #closed = false;

  constructor(options: ImageReaderOptions, files: KnownFiles, evidence: KeptEvidence) {
    const { now, mounts, store, uid = process.getuid?.() ?? 0 } = options;
    const { workers = IMAGE_WORKERS, maxOctets = MAX_IMAGE_OCTETS } = options;
    this.#options = options;
    this.#files = files;
    this.#evidence = evidence;
    this.#candidates = new Candidates({ now, maxOctets, store, uid, mounts });
    this.#groups = new Groups(now);
    const program = options.worker ?? new URL('./evidence-worker.js', import.meta.url);
    const { queue: total = MAX_QUEUED_IMAGES, queuePerCaller: perCaller = MAX_QUEUED_IMAGES_PER_CALLER } =
      options;
    this.#reading = new Reading({ program, workers, maxOctets, now, queue: { total, perCaller } });
    this.#slowReading = new Reading({
      program,
      workers: 1,
      maxOctets,
      now,
      queue: { total, perCaller: total },
      rate: options.rereadRate ?? REREAD_RATE,
    });
    this.#rereading = new Rereading({
      candidates: this.#candidates,
      files,
      reading: this.#slowReading,
      keep: (candidate, read) => this.#keep(candidate, read),
    });
  }

  get counters(): ReaderCounters {
    const { hashedOctets, hashes, queueDepth } = this.#reading;
    return {
      hashedOctets,
      hashes,
      queueDepth,
      rereadOctets: this.#slowReading.hashedOctets,
      hits: this.#hits,
      misses: this.#misses,
      joined: this.#joined,
    };
  }

  async look(request: ImageRequest, options: LookOptions): Promise<ImageLook> {
    if (this.#closed) throw new AdmissionError('NOT_READY', 'the service stops');
    const reader = this.#groups.reader(options.caller);
    const candidate = this.#candidates.find(request, reader instanceof Promise ? await reader : reader);
    if ('problem' in candidate) {
      return { path: candidate.path, binding: 'path', cached: false, content: candidate.problem };
    }
    const known = this.#knownFile(candidate);
    // Mostly there is nothing to wait for.
    const evidence =
      known &&
      (this.#evidence.near(known.sha256) ?? (await this.#evidence.get(known.sha256).catch(() => undefined)));
    if (known === undefined || evidence === undefined) return this.#readNow(candidate, request, options);
    return this.#answer(candidate, known, evidence);
  }

  evidence(sha256: string): Promise<ImageEvidence | undefined> {
    return this.#evidence.get(sha256);
  }

  known(path: Uint8Array): KnownImage | undefined {
    return this.#rereading.known(path);
  }

  reread(path: Uint8Array): Promise<Reread> {
    return this.#rereading.reread(path);
  }

  renamed(path: Uint8Array, sha256: string): Promise<void> {
    return this.#rereading.renamed(path, sha256);
  }

  answers(patience: number): Promise<boolean> {
    return this.#reading.answers(patience);
  }

  async close(): Promise<void> {
    this.#closed = true;
    await Promise.all([this.#reading.close(), this.#slowReading.close()]);
  }

  /** What the file held when it was read, if it may still be taken for the same. */
  #knownFile({ standing, identity }: Candidate): KnownFile | undefined {
    const known = standing.maxAge > 0 ? this.#files.get(identity) : undefined;
    if (known === undefined) return undefined;
    const age = this.#options.now() - known.verifiedAt;
    return age < 0 || age > standing.maxAge ? undefined : known;
  }

  /** Closes the file. */
  #answer(
    { image, standing }: Candidate,
    { sha256, verifiedAt }: KnownFile,
    evidence: ImageEvidence,
  ): ImageLook {
    this.#hits += 1;
    closeSync(image.fd);
    const content = { kind: 'content', evidence } as const;
    return { path: image.path, binding: bindingFor(standing, sha256), verifiedAt, cached: true, content };
  }

  async #readNow(
    candidate: Candidate,
    request: ImageRequest,
    { caller, deadline }: LookOptions,
  ): Promise<ImageLook> {
    const { image, standing } = candidate;
    this.#misses += 1;
    const seen = { path: image.path, cached: false } as const;
    const reading = this.#read(candidate, caller);
    if ('code' in reading) return { ...seen, binding: standing.binding, content: reading };
    const read = await this.#before(deadline, reading);
    if (read === undefined) {
      const late = problem('DEADLINE', 'not read to its end in time; it is read on, ask again');
      return { ...seen, binding: standing.binding, content: late };
    }
    const { outcome, verifiedAt } = read;
    if (outcome.kind === 'problem') return { ...seen, binding: standing.binding, content: outcome };
    if (request.kind === 'path' && !isStillThere(image)) {
      const other = problem('CHANGED_WHILE_READING', 'another file has its path now');
      return { ...seen, binding: 'path', content: other };
    }
    const firm = read.settled || standing.binding === 'root-owned' ? standing : unsettled(standing);
    return { ...seen, verifiedAt, binding: bindingFor(firm, outcome.evidence.sha256), content: outcome };
  }

  /** Joins what reads the same file in the same state, or begins. Closes the image's descriptor. */
  #read(candidate: Candidate, caller: Caller): Promise<ReadFile> | ImageProblem {
    const { image, identity, fileSystem } = candidate;
    const name = `${identity.file} ${identity.state}`;
    const underWay = this.#reading.underWay(name);
    let fd: number;
    try {
      if (underWay !== undefined) {
        this.#joined += 1;
        return underWay;
      }
      fd = openForReading(image);
    } catch (error) {
      return problemOf(error);
    } finally {
      closeSync(image.fd);
    }
    try {
      const { granularity } = fileSystem;
      const keep = (read: ReadFile): Promise<void> => this.#keep(candidate, read);
      return this.#reading.begin(name, { fd, granularity }, callerName(caller), keep);
    } catch (error) {
      closeSync(fd);
      throw error;
    }
  }

  /** A disk that is full costs reading again, not answers. */
  async #keep(
    { identity: { file }, standing }: Candidate,
    { outcome, state, settled, verifiedAt }: ReadFile,
  ): Promise<void> {
    const content = outcome.kind === 'content' ? outcome.evidence : undefined;
    if (content !== undefined) await this.#evidence.keep(content).catch(() => undefined);
    if (content !== undefined && settled && standing.maxAge > 0) {
      await this.#files.keep({ file, state }, content.sha256, verifiedAt).catch(() => undefined);
    } else {
      await this.#files.forget(file).catch(() => undefined);
    }
  }

  /** Undefined when the time comes first. */
  async #before(deadline: number, reading: Promise<ReadFile>): Promise<ReadFile | undefined> {
    const wait = Math.min(Math.max(0, deadline - this.#options.now()), LONGEST_TIMER);
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<undefined>((resolve) => {
      timer = setTimeout(resolve, wait, undefined);
    });
    try {
      return await Promise.race([reading, late]);
    } finally {
      clearTimeout(timer);
    }
  }
}

/** The longest that timers of Node.js take. */
const LONGEST_TIMER = 2 ** 31 - 1;

function bindingFor({ binding, stored }: Standing, sha256: string): ImageLook['binding'] {
  return stored === sha256 ? 'store' : binding;
}

/** A change could have gone unnoticed: these were its octets when it was read. */
function unsettled({ maxAge, stored }: Standing): Standing {
  return { binding: 'path', maxAge, ...(stored !== undefined && { stored }) };
}

function isStillThere({ path, stats }: OpenedImage): boolean {
  try {
    return isSameFile(lstatSync(path, { bigint: true }), stats);
  } catch {
    return false;
  }
}

function callerName(caller: Caller): string {
  return caller.kind === 'user' ? `user ${caller.uid}` : caller.kind;
}
