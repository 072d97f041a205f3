/* One figure as a line of a table, the ratio first. */
import { short } from './figures.mjs';
import { GOALS, verdictOf } from './goals.mjs';

export const HEAD = ['goal', 'ratio', 'range', 'must', 'aim', '', 'what', 'beside', 'made of'];

const WORDS = {
  void: 'void: the yardstick moved',
  aim: 'met, aim too',
  must: 'met',
  missed: 'MISSED',
};

/**
 * @param {import('./goals.mjs').Measured} measured
 * @returns {string[]}
 */
export function goalRow(measured) {
  const { goal, ratio, least, most, spread, figures } = measured;
  const held = GOALS[goal];
  if (held === undefined) throw new RangeError(`there is no goal "${goal}"`);
  const verdict = verdictOf(measured);
  const moved = verdict === 'void' && spread !== undefined ? ` by ${short(spread * 100)} %` : '';
  return [
    goal,
    short(ratio),
    least === undefined || most === undefined ? '' : `${short(least)}–${short(most)}`,
    boundInWords(held.must),
    boundInWords(held.aim),
    `${WORDS[verdict]}${moved}`,
    held.what,
    held.yardstick,
    Object.entries(figures)
      .map(([name, value]) => `${name} ${short(value)}`)
      .join('; '),
  ];
}

/** @param {import('./goals.mjs').Bound} bound */
export function boundInWords(bound) {
  return 'over' in bound ? `≥ ${short(bound.over)}` : `≤ ${short(bound.under)}`;
}
