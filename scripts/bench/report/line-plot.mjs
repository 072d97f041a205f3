/* Lines over a logarithmic axis, each named at its end. */
import { short } from '../figures.mjs';
import { logScale, tickText, ticks } from './scale.mjs';
import { element, label, picture } from './svg.mjs';

const WIDTH = 460;
const HEIGHT = 300;
const LEFT = 62;
const RIGHT = 96;
const TOP = 62;
const BOTTOM = 48;

/** Labels closer to each other than this would touch. */
const LABEL_HEIGHT = 14;

/**
 * @typedef {{ name: string, colour: import('./svg.mjs').Colour, points: readonly (readonly [number, number])[] }} Line
 * @typedef {{ title: string, text: string, x: string, y: string, lines: readonly Line[] }} Plot
 *   `x`, `y`: what the axes are of, with units; `text` says what the plot shows in words.
 */

/**
 * @param {Plot} plot
 * @returns {string} SVG
 */
export function linePlot({ title, text, x: xName, y: yName, lines }) {
  const points = lines.flatMap((line) => line.points);
  const xs = points.map(([x]) => x);
  const ys = points.map(([, y]) => y);
  const [right, low] = [WIDTH - RIGHT, HEIGHT - BOTTOM];
  const [leastY, mostY] = roundedOut(Math.min(...ys), Math.max(...ys));
  const x = logScale(Math.min(...xs), Math.max(...xs), LEFT + 8, right - 8);
  const y = logScale(leastY, mostY, low, TOP);
  const stops = [...new Set(xs)].toSorted((one, other) => one - other);
  const content = [
    label(16, 24, title, { class: 'strong ink' }),
    label(16, 44, yName, { class: 'small quiet' }),
    ...ticks(leastY, mostY).flatMap((tick) => [
      element('line', { x1: LEFT, x2: right, y1: y(tick), y2: y(tick), class: 'line-grid' }),
      label(LEFT - 8, y(tick) + 4, tickText(tick), { class: 'small quiet', 'text-anchor': 'end' }),
    ]),
    ...stops.map((stop) =>
      label(x(stop), low + 18, tickText(stop), { class: 'small quiet', 'text-anchor': 'middle' }),
    ),
    label((LEFT + right) / 2, low + 38, xName, { class: 'small quiet', 'text-anchor': 'middle' }),
    ...lines.map((line) => drawn(line, x, y)),
    ...names(lines, y, right),
  ];
  return picture({ width: WIDTH, height: HEIGHT, title, text, content });
}

/**
 * To the next of 1, 2, 5 on both sides, so that lines have air and the axis has ticks.
 *
 * @param {number} least
 * @param {number} most
 * @returns {[number, number]}
 */
function roundedOut(least, most) {
  const all = ticks(least / 20, most * 20).length > 0 ? stepsAround(least, most) : [least, most];
  return [all[0] ?? least, all[1] ?? most];
}

/**
 * @param {number} least
 * @param {number} most
 */
function stepsAround(least, most) {
  const steps = [];
  const [from, to] = [Math.floor(Math.log10(least)) - 1, Math.ceil(Math.log10(most)) + 1];
  for (let power = from; power <= to; power += 1) {
    for (const step of [1, 2, 5]) steps.push(Number((step * 10 ** power).toPrecision(1)));
  }
  return [steps.findLast((step) => step < least * 0.95), steps.find((step) => step > most * 1.05)];
}

/**
 * @param {Line} line
 * @param {(value: number) => number} x
 * @param {(value: number) => number} y
 */
function drawn({ name, colour, points }, x, y) {
  const path = points.map(([px, py], at) => `${at === 0 ? 'M' : 'L'}${x(px).toFixed(1)} ${y(py).toFixed(1)}`);
  const dots = points.map(([px, py]) =>
    element(
      'circle',
      { cx: x(px), cy: y(py), r: 3.5, class: colour },
      element('title', {}, `${name}, ${tickText(px)}: ${short(py)}`),
    ),
  );
  return [element('path', { d: path.join(''), class: `line-${colour}`, 'stroke-width': 2 }), ...dots].join(
    '\n',
  );
}

/**
 * Names of lines at their ends, moved apart where they would touch.
 *
 * @param {readonly Line[]} lines
 * @param {(value: number) => number} y
 * @param {number} right
 */
function names(lines, y, right) {
  const ends = lines
    .map(({ name, colour, points }) => ({ name, colour, at: y(points.at(-1)?.[1] ?? 1) }))
    .toSorted((one, other) => one.at - other.at);
  let last = Number.NEGATIVE_INFINITY;
  return ends.map(({ name, colour, at }) => {
    last = Math.max(at, last + LABEL_HEIGHT);
    return label(right + 6, last + 4, name, { class: `small ${colour}` });
  });
}
