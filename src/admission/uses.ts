/*
 * Which images this host let run, by digest and by signer: a projection of the decision log. Nothing waits for it
 * when something is decided, and nothing is lost in a crash: it goes on reading where it was.
 */
import { lastLines } from './log/last-lines.ts';
import { LogCursor } from './log/log-cursor.ts';
import { placeOf } from './log/log-line.ts';
import type { DecisionLine, LogLine } from './log/log-line.ts';
import type { ImageDecision } from './decision.ts';
import type { StateDb, Table } from './table.ts';

/** Paths and users that are remembered of an image; the newest ones. */
const MAX_PATHS = 100;
const MAX_UIDS = 100;
/** Fingerprints that are remembered of an image. */
const MAX_SIGNERS = 64;

export interface KnownPath {
  readonly path: string;
  /** The octets, when the path is not UTF-8. */
  readonly path_b64?: string;
}

/** What is known of an image that was admitted. */
export interface ImageUse {
  readonly paths: readonly KnownPath[];
  readonly uids: readonly number[];
  /** Of primary keys with valid signatures, whether they counted or not. */
  readonly signers: readonly string[];
  /** The rule that admitted it last. */
  readonly rule?: string;
  /** ISO 8601. */
  readonly first: string;
  readonly last: string;
  /** How often. */
  readonly count: number;
}

interface Row extends ImageUse {
  /** Of the log that it comes from. */
  readonly log: number;
  /** The last line that is in it: a line that is read again after a crash changes nothing. */
  readonly seq: number;
}

interface Position {
  /** Counts the logs: one that was begun anew has the same numbers again. */
  readonly log: number;
  /** Every line up to this one is in the tables. */
  readonly seq: number;
}

const POSITION = 'position';

export class Uses {
  readonly #images: Table<Row>;
  readonly #bySigner: Table<true>;
  readonly #positions: Table<Position>;
  readonly #cursor: LogCursor;
  readonly #log: number;
  #running: Promise<number> | undefined;

  constructor(db: StateDb, cursor: LogCursor, log: number) {
    this.#images = db.table('uses');
    this.#bySigner = db.table('uses-by-signer');
    this.#positions = db.table('uses-position');
    this.#cursor = cursor;
    this.#log = log;
  }

  /** Takes up what was logged since; gives the number of decisions. Calls that overlap share one run. */
  catchUp(): Promise<number> {
    this.#running ??= this.#catchUp().finally(() => {
      this.#running = undefined;
    });
    return this.#running;
  }

  get(sha256: string): Promise<ImageUse | undefined> {
    return this.#images.get(sha256);
  }

  /** Digests of the images that a key signed, in order. */
  async *signedBy(fingerprint: string): AsyncGenerator<string> {
    const prefix = `${fingerprint}/`;
    for await (const [key] of this.#bySigner.entries(prefix)) {
      if (!key.startsWith(prefix)) return;
      yield key.slice(prefix.length);
    }
  }

  async #catchUp(): Promise<number> {
    let count = 0;
    const from = this.#cursor.nextSeq;
    for await (const lines of this.#cursor.read((octets) => placeOf(octets)?.kind === 'decision')) {
      const admitted = lines.filter(isAdmission);
      count += admitted.length;
      await this.#take(admitted);
      await this.#positions.put(POSITION, { log: this.#log, seq: lines.at(-1)?.seq ?? 0 });
    }
    const { nextSeq } = this.#cursor;
    if (nextSeq > from) await this.#positions.put(POSITION, { log: this.#log, seq: nextSeq - 1 });
    return count;
  }

  async #take(lines: readonly DecisionLine[]): Promise<void> {
    const rows = new Map<string, Row>();
    for (const line of lines) {
      for (const [sha256, images] of byDigest(line.images)) {
        const held = rows.get(sha256) ?? (await this.#images.get(sha256));
        if (held?.log === this.#log && held.seq >= line.seq) continue;
        rows.set(sha256, merged(held, images, { line, log: this.#log }));
      }
    }
    for (const [sha256, row] of rows) {
      for (const fingerprint of row.signers) await this.#bySigner.put(`${fingerprint}/${sha256}`, true);
      await this.#images.put(sha256, row);
    }
  }
}

/** The uses of the log in `folder`, as far as they were taken up before. */
export async function openUses(db: StateDb, folder: string): Promise<Uses> {
  const held = await db.table<Position>('uses-position').get(POSITION);
  const { log, seq } = held ?? { log: 1, seq: 0 };
  const [last] = await lastLines(folder, 1);
  // Somebody removed the log, or put another in its place.
  if ((last?.seq ?? 0) < seq) return new Uses(db, new LogCursor(folder, {}), log + 1);
  return new Uses(db, new LogCursor(folder, { fromSeq: seq + 1 }), log);
}

function isAdmission(line: LogLine): line is DecisionLine {
  return line.kind === 'decision' && line.effective === 'admit';
}

function byDigest(images: readonly ImageDecision[]): Map<string, ImageDecision[]> {
  const found = new Map<string, ImageDecision[]>();
  for (const image of images) {
    if (image.sha256 === undefined) continue;
    found.set(image.sha256, [...(found.get(image.sha256) ?? []), image]);
  }
  return found;
}

function merged(
  held: Row | undefined,
  images: readonly ImageDecision[],
  { line, log }: { line: DecisionLine; log: number },
): Row {
  const { paths, uids, signers, first, count } = held ?? { ...UNUSED, first: line.time };
  const rule = images[0]?.rule ?? held?.rule;
  const { uid } = line.caller;
  const fingerprints = images.flatMap((image) => image.signers.map(({ fingerprint }) => fingerprint));
  return {
    log,
    seq: line.seq,
    paths: newest([...paths, ...images.map(knownPath)], MAX_PATHS, (path) => JSON.stringify(path)),
    uids: newest(uid === undefined ? uids : [...uids, uid], MAX_UIDS, String),
    signers: newest([...signers, ...fingerprints], MAX_SIGNERS, String),
    ...(rule === undefined ? {} : { rule }),
    first,
    last: line.time,
    count: count + 1,
  };
}

const UNUSED: Pick<ImageUse, 'paths' | 'uids' | 'signers' | 'count'> = {
  paths: [],
  uids: [],
  signers: [],
  count: 0,
};

function knownPath({ path, path_b64 }: ImageDecision): KnownPath {
  return path_b64 === undefined ? { path } : { path, path_b64 };
}

/** Each once, at the place of its last mention; of more than `limit` the last ones. */
function newest<Value>(values: readonly Value[], limit: number, key: (value: Value) => string): Value[] {
  const found = new Map<string, Value>();
  for (const value of values) {
    found.delete(key(value));
    found.set(key(value), value);
  }
  return [...found.values()].slice(-limit);
}
