import { Buffer } from 'node:buffer';
import { answerName } from './admission.ts';
import type { Admission, ReconsideredDecision } from './admission.ts';
import type { ImageDecision } from './decision.ts';
import type { LogEvent } from './log/record.ts';

export interface ReevaluationParts {
  readonly admission: Pick<Admission, 'reconsider'>;
  readonly event: (event: LogEvent, fields: Readonly<Record<string, unknown>>) => Promise<void>;
}

type Answer = Pick<ImageDecision, 'verdict' | 'effective'>;

/** What was told about an image at a place since it was decided on. */
interface Told {
  /** Of the decision. */
  readonly time: string;
  readonly answer: Answer;
}

/**
 * Says which images would be answered otherwise than was said last, by a decision or by an event: because of keys,
 * of the policy, or of time alone. Each change of mind once, there and back.
 */
export class Reevaluation {
  readonly #parts: ReevaluationParts;
  #told = new Map<string, Told>();

  constructor(parts: ReevaluationParts) {
    this.#parts = parts;
  }

  /** How many answers changed since they were told. */
  async run(): Promise<number> {
    const { admission, event } = this.#parts;
    const told = new Map<string, Told>();
    let news = 0;
    for await (const one of admission.reconsider()) {
      const { before, after } = one;
      const place = placeOf(one);
      const held = this.#told.get(place);
      // Whoever asked meanwhile was told by the answer.
      const last = held?.time === before.time ? held.answer : before;
      const isNews = answerName(after) !== answerName(last);
      if (answerName(after) !== answerName(before)) told.set(place, { time: before.time, answer: after });
      if (!isNews) continue;
      news += 1;
      await event('decision_changed', fieldsOf(one, last));
    }
    this.#told = told;
    return news;
  }
}

function placeOf({ before }: ReconsideredDecision): string {
  return `${before.sha256} ${Buffer.from(before.path).toString('latin1')}`;
}

function fieldsOf({ before, after }: ReconsideredDecision, last: Answer): Readonly<Record<string, unknown>> {
  return {
    path: after.path,
    ...(after.path_b64 !== undefined && { path_b64: after.path_b64 }),
    sha256: before.sha256,
    ...(after.rule !== undefined && { rule: after.rule }),
    before: { verdict: last.verdict, effective: last.effective, time: before.time },
    after: { verdict: after.verdict, effective: after.effective },
    codes: after.reasons.map(({ code }) => code),
  };
}
