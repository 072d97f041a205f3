/*
 * Reads what is known anew, a little at a time: a store through a mapping that was made before an image was read, or
 * a disk that loses bits, changes octets and no time stamp.
 */
import { Buffer } from 'node:buffer';
import { AdmissionError } from './error.ts';
import type { ImageReader, Reread } from './image/image-reader.ts';
import type { LogEvent } from './log/record.ts';
import { MAX_REREAD_FILES } from './limits.ts';
import { pathFields } from './path-fields.ts';
import type { RecentDecisions } from './recent-decisions.ts';
import type { SweptImage } from './sweep.ts';
import type { Table } from './table.ts';
import { TimeSlice } from './time-slice.ts';

/** Every known file is read once in a round. Milliseconds since 1970. */
export interface RehashRound {
  readonly began: number;
  /** Nothing was left. */
  readonly finished: boolean;
}

export interface RehashParts {
  readonly images: Pick<ImageReader, 'known' | 'reread'>;
  readonly rounds: Table<RehashRound>;
  /** By path, as latin1. */
  readonly swept: Table<SweptImage>;
  readonly recent: Pick<RecentDecisions, 'entries'>;
  /** Milliseconds that a round takes. */
  readonly period: number;
  /** Milliseconds between two runs. */
  readonly interval: number;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  /** Milliseconds from some point, never backwards. */
  readonly elapsed: () => number;
  /** From 0 up to 1. */
  readonly random: () => number;
  readonly stopping: AbortSignal;
  readonly event: (event: LogEvent, fields: Readonly<Record<string, unknown>>) => Promise<void>;
}

export interface RehashReport {
  readonly files: number;
  readonly octets: number;
  /** Files that hold something else, and did not tell. */
  readonly changed: number;
}

interface Due {
  readonly path: Uint8Array;
  readonly size: number;
}

const ROUND = 'round';

/** One run: a share of what is left of the round, at random, so that nobody knows what is read when. */
export async function rehash(parts: RehashParts): Promise<RehashReport> {
  const round = await currentRound(parts);
  const due = round.finished ? [] : await dueFiles(parts, round.began);
  if (due.length === 0) {
    await finish(parts, round);
    return { files: 0, octets: 0, changed: 0 };
  }
  return readShare(shuffled(due, parts.random), round, parts);
}

async function currentRound({ rounds, now, period }: RehashParts): Promise<RehashRound> {
  const time = now();
  const held = await rounds.get(ROUND);
  // One that began in the future was begun by a wrong clock.
  const isOn = held !== undefined && held.began <= time && (!held.finished || time < held.began + period);
  if (isOn) return held;
  const round = { began: time, finished: false };
  await rounds.put(ROUND, round);
  return round;
}

async function finish({ rounds, now, period, event }: RehashParts, round: RehashRound): Promise<void> {
  if (round.finished) return;
  await rounds.put(ROUND, { ...round, finished: true });
  const late = Math.max(0, now() - (round.began + period));
  await event('rehash_finished', {
    since: new Date(round.began).toISOString(),
    late_s: Math.floor(late / 1000),
  });
}

/** Known files that were not read since the round began. */
async function dueFiles(parts: RehashParts, began: number): Promise<Due[]> {
  const slice = new TimeSlice(parts.elapsed);
  const due = new Map<string, Due>();
  for await (const path of candidates(parts)) {
    await slice.pause();
    if (parts.stopping.aborted || due.size >= MAX_REREAD_FILES) break;
    const known = parts.images.known(path);
    if (known === undefined || known.verifiedAt >= began) continue;
    due.set(Buffer.from(path).toString('latin1'), { path, size: known.size });
  }
  return [...due.values()];
}

/** Some more than once. */
async function* candidates({ swept, recent }: RehashParts): AsyncGenerator<Uint8Array> {
  for (const { path } of recent.entries()) yield path;
  for await (const [path] of swept.entries()) yield Buffer.from(path, 'latin1');
}

async function readShare(
  due: readonly Due[],
  { began }: RehashRound,
  parts: RehashParts,
): Promise<RehashReport> {
  const { images, now, period, interval, stopping } = parts;
  const left = due.reduce((sum, { size }) => sum + size, 0);
  const runs = Math.max(1, Math.floor((began + period - now()) / interval));
  const report = { files: 0, octets: 0, changed: 0 };
  for (const { path, size } of due) {
    if (stopping.aborted || report.octets * runs >= left) break;
    // Another name of a file that was read just now.
    if ((images.known(path)?.verifiedAt ?? Infinity) >= began) continue;
    const read = await rereadAt(path, parts);
    if (read === undefined) break;
    report.files += 1;
    report.octets += size;
    if (!read.changed) continue;
    report.changed += 1;
    await parts.event('image_changed', changeFields(path, read));
  }
  return report;
}

/** Undefined when the service stops. */
async function rereadAt(path: Uint8Array, { images }: RehashParts): Promise<Reread | undefined> {
  try {
    return await images.reread(path);
  } catch (error) {
    if (error instanceof AdmissionError && error.code === 'NOT_READY') return undefined;
    throw error;
  }
}

function changeFields(path: Uint8Array, { before, content }: Reread): Readonly<Record<string, unknown>> {
  return {
    ...pathFields(path),
    before,
    ...(content.kind === 'content' ? { after: content.evidence.sha256 } : { problem: content.code }),
    // Its size and all its times are as before.
    unnoticed: true,
  };
}

function shuffled<Item>(items: readonly Item[], random: () => number): Item[] {
  return items
    .map((item) => ({ item, lot: random() }))
    .toSorted((one, other) => one.lot - other.lot)
    .map(({ item }) => item);
}
