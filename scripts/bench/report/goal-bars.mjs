/* All goals in one picture: how many times better or worse than it must be each one is. */
import { short } from '../figures.mjs';
import { boundInWords } from '../goal-row.mjs';
import { GOALS, verdictOf } from '../goals.mjs';
import { logScale, tickText, ticks } from './scale.mjs';
import { element, label, picture } from './svg.mjs';

const WIDTH = 940;
const ROW = 26;
const TOP = 70;
const BOTTOM = 46;
const NAMES = 392;
const VALUES = 190;
const LEAST = 0.2;
const MOST = 20;

const MARKS = /** @type {const} */ ({
  aim: { colour: 'three', text: 'aim met' },
  must: { colour: 'one', text: 'met' },
  missed: { colour: 'bad', text: 'missed' },
  void: { colour: 'quiet', text: 'void' },
});

/**
 * @param {readonly import('../goals.mjs').Measured[]} measured
 * @returns {string} SVG
 */
export function goalBars(measured) {
  const height = TOP + measured.length * ROW + BOTTOM;
  const x = logScale(LEAST, MOST, NAMES, WIDTH - VALUES);
  const end = TOP + measured.length * ROW;
  const axis = ticks(LEAST, MOST).flatMap((tick) => [
    element('line', { x1: x(tick), x2: x(tick), y1: TOP - 6, y2: end, class: 'line-grid' }),
    label(x(tick), end + 16, `${tickText(tick)}×`, { 'text-anchor': 'middle', class: 'small quiet' }),
  ]);
  const must = element('line', {
    x1: x(1),
    x2: x(1),
    y1: TOP - 10,
    y2: end,
    class: 'line-ink',
    'stroke-width': 2,
  });
  const heads = [
    label(16, 24, 'How far each figure is from what it must be', { class: 'strong ink' }),
    label(16, 44, 'Bars to the right of the thick line meet their goal; the small upright mark is the aim.', {
      class: 'small quiet',
    }),
    label(x(1), TOP - 14, 'must', { 'text-anchor': 'middle', class: 'small ink' }),
    label((NAMES + WIDTH - VALUES) / 2, end + 34, 'times better than it must be', {
      'text-anchor': 'middle',
      class: 'small quiet',
    }),
  ];
  const bars = measured.map((one, row) => bar(one, TOP + row * ROW, x));
  const missed = measured.filter((one) => verdictOf(one) === 'missed').map(({ goal }) => goal);
  return picture({
    width: WIDTH,
    height,
    title: 'Goals of performance',
    text: `${measured.length} figures, each divided by what it must be. ${
      missed.length === 0 ? 'None that says something misses its goal.' : `Missed: ${missed.join(', ')}.`
    }`,
    content: [...axis, must, ...bars, ...heads],
  });
}

/**
 * @param {import('../goals.mjs').Measured} measured
 * @param {number} top
 * @param {(value: number) => number} x
 */
function bar(measured, top, x) {
  const { goal, ratio } = measured;
  const held = GOALS[goal];
  if (held === undefined) return '';
  const verdict = verdictOf(measured);
  const { colour, text } = MARKS[verdict];
  const value = timesBetter(ratio, held.must);
  const aim = timesBetter('over' in held.aim ? held.aim.over : held.aim.under, held.must);
  const [from, to] = [Math.min(x(1), x(value)), Math.max(x(1), x(value))];
  const body = { x: from, y: top + 5, width: Math.max(2, to - from), height: ROW - 11, rx: 2 };
  const paint =
    verdict === 'void' ? { class: `hollow line-${colour}`, 'stroke-dasharray': '4 3' } : { class: colour };
  const beyond = value > MOST ? ' →' : value < LEAST ? ' ←' : '';
  return [
    label(16, top + 17, goal, { class: 'strong ink small' }),
    label(106, top + 17, shortened(held.what), { class: 'ink small' }),
    element('rect', { ...body, ...paint }),
    element('line', {
      x1: x(aim),
      x2: x(aim),
      y1: top + 2,
      y2: top + ROW - 3,
      class: 'line-ink',
      'stroke-width': 1.5,
    }),
    label(WIDTH - VALUES + 12, top + 17, `${short(ratio)}${beyond}`, { class: 'strong ink small' }),
    label(WIDTH - VALUES + 74, top + 17, boundInWords(held.must), { class: 'quiet small' }),
    label(WIDTH - 12, top + 17, text, { class: `${colour} small`, 'text-anchor': 'end' }),
  ].join('\n');
}

/**
 * @param {number} ratio
 * @param {import('../goals.mjs').Bound} must
 */
function timesBetter(ratio, must) {
  if ('over' in must) return ratio / must.over;
  // Differences can be nothing, or less: as good as can be.
  return ratio <= 0 ? Number.POSITIVE_INFINITY : must.under / ratio;
}

/** @param {string} text */
function shortened(text) {
  return text.length <= 52 ? text : `${text.slice(0, 51)}…`;
}
