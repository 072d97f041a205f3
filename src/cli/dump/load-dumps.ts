import type { Submit } from '../../hkp/submission.ts';
import { OpenPgpError } from '../../openpgp/error.ts';
import type { DumpFile } from './dump-file.ts';
import type { DumpPiece } from './dump-piece.ts';
import type { LateRevocations } from './late-revocations.ts';
import { CHECKS_IN_FLIGHT, OCTETS_IN_FLIGHT } from './limits.ts';
import type { PieceOutcome } from './load-counts.ts';
import type { LoadPlace } from './load-state.ts';
import { primaryFingerprint } from './primary-fingerprint.ts';
import { readDump } from './read-dump.ts';

export interface LoadJob {
  readonly files: readonly DumpFile[];
  readonly begin: LoadPlace;
  readonly submit: Submit;
  /** How many certificates are under way together; `CHECKS_IN_FLIGHT` unless given. */
  readonly atOnce?: number;
  /** Takes on revocations that came too early, those of an interrupted load among them. */
  readonly late: LateRevocations;
  /** Asked before each certificate; what is in flight is still finished. */
  readonly stopped: () => boolean;
  /** Told of each piece in the order of the files, when it and everything before it is done. */
  readonly onOutcome: (
    outcome: PieceOutcome,
    piece: { file: DumpFile; offset: number; place: LoadPlace },
  ) => void | Promise<void>;
  /** Told how many octets of a file have been read. */
  readonly onRead: (file: number, octets: number) => void;
}

interface InFlight {
  readonly file: number;
  readonly piece: DumpPiece;
  readonly settled: Promise<Settled>;
}

type Settled = { readonly outcome: PieceOutcome } | { readonly error: unknown };

/**
 * Loads the certificates of keyrings, several at once. A certificate that is refused, or a piece of a file
 * that cannot be read, is an outcome; what the store throws ends the load. Returns whether it came to the
 * end.
 */
export async function loadDumps(job: LoadJob): Promise<boolean> {
  const { atOnce = CHECKS_IN_FLIGHT } = job;
  const window: InFlight[] = [];
  let octets = 0;
  const isFull = (): boolean => window.length >= atOnce || octets > OCTETS_IN_FLIGHT;
  const retireOldest = async (): Promise<void> => {
    octets -= lengthOf(window[0]?.piece);
    await retire(job, window);
  };
  try {
    for await (const { file, pieces } of portionsFrom(job)) {
      for (const piece of pieces) {
        if (job.stopped()) break;
        window.push({ file, piece, settled: settle(job.submit, piece) });
        octets += lengthOf(piece);
        while (isFull()) await retireOldest();
      }
      if (job.stopped()) break;
    }
    while (window.length > 0) await retireOldest();
    await lookAgain(job);
    return !job.stopped();
  } finally {
    // After an error: what is under way must end before the store is closed, and is not noted.
    await Promise.all(window.map(({ settled }) => settled));
  }
}

async function* portionsFrom({
  files,
  begin,
  onRead,
}: LoadJob): AsyncGenerator<{ file: number; pieces: Iterable<DumpPiece> }> {
  for (const [file, { path }] of files.entries()) {
    if (file < begin.file) continue;
    const from = file === begin.file ? begin.offset : 0;
    const portions = await readDump(path, { from, onRead: (octets) => onRead(file, octets) });
    for await (const pieces of portions) yield { file, pieces };
  }
}

function lengthOf(piece: DumpPiece | undefined): number {
  return piece?.kind === 'certificate' ? piece.bytes.length : 0;
}

/** Waits for the oldest piece. */
async function retire(job: LoadJob, window: InFlight[]): Promise<void> {
  const oldest = window.shift();
  if (oldest === undefined) return;
  const settled = await oldest.settled;
  if ('error' in settled) throw settled.error;
  const { piece, file: index } = oldest;
  const file = job.files[index];
  if (file === undefined) throw new RangeError(`no file ${index}`);
  const outcome = await inOrder(settled.outcome, job.submit, piece);
  await job.onOutcome(job.late.takes(index, file, piece, outcome) ? NOTHING_YET : outcome, {
    file,
    offset: piece.offset,
    place: { file: index, offset: piece.end },
  });
}

const NOTHING_YET: PieceOutcome = { accepted: [], refused: [] };

/** By now every certificate of the load is stored, whatever comes first in the files. */
async function lookAgain({ files, late, submit, stopped, onOutcome }: LoadJob): Promise<void> {
  const end = { file: files.length - 1, offset: files.at(-1)?.size ?? 0 };
  while (!stopped()) {
    const next = await late.next(files);
    if (next === undefined) return;
    const file = files[next.file];
    if (file === undefined) throw new RangeError(`no file ${next.file}`);
    const settled = await settle(submit, next.piece);
    if ('error' in settled) throw settled.error;
    await onOutcome(settled.outcome, { file, offset: next.piece.offset, place: end });
  }
}

/**
 * A bare revocation may have been looked at before the certificate it follows was stored; by now everything
 * before it is. No revocation is lost to haste.
 */
async function inOrder(outcome: PieceOutcome, submit: Submit, piece: DumpPiece): Promise<PieceOutcome> {
  const early = outcome.refused.some(({ code }) => code === 'REVOCATION_WITHOUT_CERTIFICATE');
  if (!early || piece.kind !== 'certificate') return outcome;
  return submit(piece.bytes, { noModification: false });
}

async function settle(submit: Submit, piece: DumpPiece): Promise<Settled> {
  if (piece.kind === 'unreadable') {
    const { code, reason } = piece;
    return { outcome: { accepted: [], refused: [{ code, reason }] } };
  }
  try {
    return { outcome: await submit(piece.bytes, { noModification: false }) };
  } catch (error) {
    if (!(error instanceof OpenPgpError)) return { error };
    const { code, message: reason } = error;
    return {
      outcome: { accepted: [], refused: [{ code, reason, fingerprint: primaryFingerprint(piece.bytes) }] },
    };
  }
}
