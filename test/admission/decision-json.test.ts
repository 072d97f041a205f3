import { describe, expect, it } from 'vitest';
import { decisionJson } from '../../src/admission/decision-json.ts';
import type { Decision } from '../../src/admission/decision.ts';
import type { Draft } from '../../src/policy/draft.ts';
import { decision } from './log/logs.ts';

describe('decisionJson', () => {
  it('is what JSON.stringify gives, before a decision is logged and after', () => {
    const made: Draft<Decision> = decision({ context: { job: 'a"b\n' } });
    expect(decisionJson(made)).toBe(JSON.stringify(made));
    expect(decisionJson(made)).toBe(JSON.stringify(made));
    made.log_pos = 17;
    expect(decisionJson(made)).toBe(JSON.stringify(made));
  });

  it('is so too of a decision that was logged before it is asked for', () => {
    const made = decision({ log_pos: 17 });
    expect(decisionJson(made)).toBe(JSON.stringify(made));
    expect(decisionJson(made)).toBe(JSON.stringify(made));
  });

  it('of a copy that says something else is that of the copy', () => {
    const made = decision();
    decisionJson(made);
    const refused: Decision = { ...made, verdict: 'undetermined', effective: 'refuse' };
    expect(JSON.parse(decisionJson(refused))).toEqual(refused);
  });
});
