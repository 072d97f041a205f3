import type { Decision } from './decision.ts';

/** Without `log_pos`, which is known when the rest is written down already. */
const texts = new WeakMap<Decision, string>();

/** A decision as JSON, which is made once: for its line in the decision log and for whoever asked. */
export function decisionJson(decision: Decision): string {
  const known = texts.get(decision);
  if (known === undefined) return remembered(decision);
  return decision.log_pos === undefined ? known : `${known.slice(0, -1)},"log_pos":${decision.log_pos}}`;
}

function remembered(decision: Decision): string {
  const text = JSON.stringify(decision);
  if (decision.log_pos === undefined) texts.set(decision, text);
  return text;
}
