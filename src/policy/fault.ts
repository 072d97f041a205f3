/* What is wrong with a policy: all of it is told at once, each with its line. */
import type { PolicyDocument } from './document.ts';
import { PolicyError } from './error.ts';
import { dotted } from './lines.ts';
import type { KeyPath } from './lines.ts';
import { MAX_FAULTS, MAX_FAULTS_KEPT } from './limits.ts';

/** A value of a file. */
export interface Place {
  readonly document: PolicyDocument;
  readonly path: KeyPath;
}

export function within(place: Place, ...path: KeyPath): Place {
  return { document: place.document, path: [...place.path, ...path] };
}

/** `policy.toml:12`. */
export function lineOf({ document, path }: Place): string {
  return `${document.name}:${document.lines.of(path)}`;
}

/** From what has to be mended first. */
const CODES = ['BAD_SYNTAX', 'UNKNOWN_KEY', 'BAD_VALUE', 'INCONSISTENT'] as const;
export type FaultCode = (typeof CODES)[number];

interface Fault {
  readonly code: FaultCode;
  /** Undefined: of a file that could not be read. */
  readonly place?: Place;
  readonly message: string;
}

export class Faults {
  readonly #faults: Fault[] = [];

  /** More would not be told: whoever looks for them can stop. */
  isFull(): boolean {
    return this.#faults.length >= MAX_FAULTS_KEPT;
  }

  add(code: Exclude<FaultCode, 'BAD_SYNTAX'>, place: Place, text: string): void {
    if (this.isFull()) return;
    const name = place.path.length === 0 ? '' : `${dotted(place.path)}: `;
    this.#faults.push({ code, place, message: `${lineOf(place)}: ${name}${text}` });
  }

  /** A file that is not even read; other errors are thrown on. */
  addUnreadable(error: unknown): void {
    if (!(error instanceof PolicyError)) throw error;
    this.#faults.push({ code: 'BAD_SYNTAX', message: error.message });
  }

  /** Throws all that was added, one fault a line, in the order of files and lines, if there is any. */
  check(): void {
    const code = CODES.find((candidate) => this.#faults.some((fault) => fault.code === candidate));
    if (code === undefined) return;
    const documents = [...new Set(this.#faults.map(({ place }) => place?.document))];
    const sorted = documents.flatMap((document) =>
      this.#faults
        .filter(({ place }) => place?.document === document)
        .toSorted((one, other) => numberOf(one) - numberOf(other)),
    );
    const told = sorted.slice(0, MAX_FAULTS).map((fault) => fault.message);
    const more = sorted.length - told.length;
    const rest = this.isFull() ? ['and many more'] : more > 0 ? [`and ${more} more`] : [];
    throw new PolicyError(code, [...told, ...rest].join('\n'));
  }
}

function numberOf({ place }: Fault): number {
  return place === undefined ? 0 : place.document.lines.of(place.path);
}
