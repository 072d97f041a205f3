/*
 * Revocations that came too early: bare ones before their certificates, and those by revokers that owners named before
 * the keys of these. They are looked at again at the end of a load. Where they are is noted with the place of the load,
 * so that an interrupted one forgets none.
 */
import type { DumpFile } from './dump-file.ts';
import type { DumpPiece, DumpedCertificate } from './dump-piece.ts';
import { MAX_LATE_OCTETS, MAX_LATE_PIECES } from './limits.ts';
import type { PieceOutcome } from './load-counts.ts';
import type { LoadPlace } from './load-state.ts';
import { readDump } from './read-dump.ts';

interface Late {
  /** Where the piece begins. */
  readonly place: LoadPlace;
  /** Undefined: it is large, or an earlier load read it, and it has to be read again. */
  readonly bytes: Uint8Array | undefined;
}

export class LateRevocations {
  readonly #late: Late[];

  /** `places` are those of an interrupted load. */
  constructor(places: readonly LoadPlace[] = []) {
    this.#late = places.map((place) => ({ place, bytes: undefined }));
  }

  /** Where those begin that were not looked at again yet. */
  get places(): readonly LoadPlace[] {
    return this.#late.map(({ place }) => place);
  }

  /**
   * Takes a piece on when all that keeps it from being stored, or its revocation from being so, is that a certificate
   * may still come.
   */
  takes(index: number, { path }: DumpFile, piece: DumpPiece, outcome: PieceOutcome): boolean {
    if (piece.kind !== 'certificate' || !isEarly(outcome)) return false;
    const kept = piece.bytes.length <= MAX_LATE_OCTETS;
    // A pipe cannot be read again.
    if (this.#late.length >= MAX_LATE_PIECES || (!kept && path === '-')) return false;
    // A copy: the piece is a view of all that was read with it.
    const bytes = kept ? piece.bytes.slice() : undefined;
    this.#late.push({ place: { file: index, offset: piece.offset }, bytes });
    return true;
  }

  /** The first of them, as a piece, taken off the list; undefined when there is none. */
  async next(files: readonly DumpFile[]): Promise<{ file: number; piece: DumpedCertificate } | undefined> {
    for (;;) {
      const late = this.#late.shift();
      if (late === undefined) return undefined;
      const { file, offset } = late.place;
      const bytes = late.bytes ?? (await readAgain(files[file], offset));
      if (bytes !== undefined) {
        return { file, piece: { kind: 'certificate', bytes, offset, end: offset + bytes.length } };
      }
    }
  }
}

function isEarly({ accepted, refused }: PieceOutcome): boolean {
  if (accepted.some(({ awaited }) => awaited !== undefined)) return true;
  const bare = refused.length > 0 && refused.every(({ code }) => code === 'REVOCATION_WITHOUT_CERTIFICATE');
  return bare && accepted.length === 0;
}

/** Undefined when the file is not any more what it was. */
async function readAgain(file: DumpFile | undefined, offset: number): Promise<Uint8Array | undefined> {
  if (file === undefined) return undefined;
  for await (const pieces of await readDump(file.path, { from: offset })) {
    for (const piece of pieces) return piece.kind === 'certificate' ? piece.bytes : undefined;
  }
  return undefined;
}
