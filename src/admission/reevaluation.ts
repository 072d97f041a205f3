import { Buffer } from 'node:buffer';
import type { Admission, ChangedDecision } from './admission.ts';
import type { LogEvent } from './log/record.ts';

export interface ReevaluationParts {
  readonly admission: Pick<Admission, 'compare' | 'policy'>;
  /** Epoch of the keys. */
  readonly epoch: () => number;
  readonly event: (event: LogEvent, fields: Readonly<Record<string, unknown>>) => Promise<void>;
}

/** Says which images would be answered otherwise since policy or keys changed; each change of mind once. */
export class Reevaluation {
  readonly #parts: ReevaluationParts;
  /** Policy and epoch of the last round. */
  #basis: string;
  /** What was told last, by image and place. */
  #told = new Map<string, string>();

  constructor(parts: ReevaluationParts) {
    this.#parts = parts;
    this.#basis = this.#currentBasis();
  }

  /** How many answers changed since they were told; 0 when nothing did that they depend on. */
  async run(): Promise<number> {
    const basis = this.#currentBasis();
    if (basis === this.#basis) return 0;
    const { changed } = await this.#parts.admission.compare();
    this.#basis = basis;
    const told = new Map<string, string>();
    let news = 0;
    for (const change of changed) {
      const place = placeOf(change);
      const answer = `${change.after.verdict} ${change.after.effective}`;
      told.set(place, answer);
      if (this.#told.get(place) === answer) continue;
      news += 1;
      await this.#parts.event('decision_changed', fieldsOf(change));
    }
    this.#told = told;
    return news;
  }

  #currentBasis(): string {
    return `${this.#parts.epoch()} ${this.#parts.admission.policy?.sha256 ?? ''}`;
  }
}

function placeOf({ before }: ChangedDecision): string {
  return `${before.sha256} ${Buffer.from(before.path).toString('latin1')}`;
}

function fieldsOf({ before, after }: ChangedDecision): Readonly<Record<string, unknown>> {
  return {
    path: after.path,
    ...(after.path_b64 !== undefined && { path_b64: after.path_b64 }),
    sha256: before.sha256,
    ...(after.rule !== undefined && { rule: after.rule }),
    before: { verdict: before.verdict, effective: before.effective, time: before.time },
    after: { verdict: after.verdict, effective: after.effective },
    codes: after.reasons.map(({ code }) => code),
  };
}
