import type { Note } from './check-result.ts';
import type { ImageContent } from './facts.ts';
import type { Policy, Rule, Waiver } from './policy.ts';
import type { Moment } from './verdict.ts';
import { quoted, timeText } from './wording.ts';

/** The waiver in force for these bytes under this rule. While the clock cannot be trusted none is. */
export function waiverFor(
  policy: Policy,
  rule: Rule,
  { sha256 }: ImageContent,
  { now, clockSuspect }: Moment,
): Waiver | undefined {
  if (clockSuspect) return undefined;
  return policy.waivers.find(
    (waiver) => waiver.sha256 === sha256 && waiver.rule === rule.name && now < waiver.until,
  );
}

export function waivedNote({ until, reason }: Waiver): Note {
  return {
    code: 'WAIVED',
    text: `a waiver lets these bytes pass until ${timeText(until)}: ${quoted(reason)}`,
    fix: 'before then, make the image meet the rule',
    source: 'policy',
  };
}
