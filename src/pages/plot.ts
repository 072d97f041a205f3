/* Keys over time, drawn. The curve is stretched to the width, the words are not. */
import type { DayCount } from '../hkp/html.ts';
import { isoDay } from './date.ts';
import { html, type Markup } from './markup.ts';

/** Points of the curve: more cannot be told apart on any screen. */
const MAX_POINTS = 240;

const DAY = 86_400;
const WIDTH = 1000;
const HEIGHT = 220;

/** Certificates held at the end of each day with a change. `now` is in seconds. */
export function plot(days: readonly DayCount[], now: number): Markup {
  const today = Math.floor(now / DAY);
  const points = thinned(days);
  const start = Math.min(points[0]?.day ?? today, today - 7);
  const top = niceTop(Math.max(1, ...points.map(({ certificates }) => certificates)));
  const x = (day: number): number => round(((day - start) / Math.max(1, today - start)) * WIDTH);
  const y = (certificates: number): number => round(HEIGHT - (certificates / top) * HEIGHT);
  const steps = points.map(({ day, certificates }) => `H${x(day)}V${y(certificates)}`).join('');
  const line = `M0 ${HEIGHT}${steps}H${WIDTH}`;
  return html`<figure class="plot">
    <svg width="100%" height="${HEIGHT + 40}" role="img" aria-label="${summary(days, start, today)}">
      ${[0, 0.5, 1].map((part) => level(part, top))}
      <svg
        x="0"
        y="14"
        width="100%"
        height="${HEIGHT}"
        viewBox="0 0 ${WIDTH} ${HEIGHT}"
        preserveAspectRatio="none"
      >
        <path class="area" d="${line}V${HEIGHT}z" />
        <path class="curve" d="${line}" />
      </svg>
      ${[0, 0.5, 1].map((part) => date(part, start + part * (today - start)))}
    </svg>
  </figure>`;
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}

/** Evenly chosen days, the last one always among them. */
function thinned(days: readonly DayCount[]): readonly DayCount[] {
  if (days.length <= MAX_POINTS) return days;
  const step = days.length / MAX_POINTS;
  return Array.from({ length: MAX_POINTS }, (_, index) => days[Math.ceil((index + 1) * step) - 1]).filter(
    (day) => day !== undefined,
  );
}

/** The next of 2, 4, 6, 8, 10, 20, 40, 60, …: half of it is whole too. */
function niceTop(most: number): number {
  const power = 10 ** Math.floor(Math.log10(most));
  return [2, 4, 6, 8, 10].map((factor) => factor * power).find((top) => top >= most) ?? 10 * power;
}

function level(part: number, top: number): Markup {
  const y = round(14 + HEIGHT - part * HEIGHT);
  return html`<line class="grid" x1="0" x2="100%" y1="${y}" y2="${y}" />
    ${part > 0 && html`<text x="0" y="${y - 4}">${new Intl.NumberFormat('en').format(top * part)}</text>`}`;
}

function date(part: number, day: number): Markup {
  const anchor = part === 0 ? 'start' : part === 1 ? 'end' : 'middle';
  return html`<text x="${part * 100}%" y="${HEIGHT + 34}" text-anchor="${anchor}"
    >${isoDay(Math.round(day) * DAY)}</text
  >`;
}

function summary(days: readonly DayCount[], start: number, today: number): string {
  const last = days.at(-1)?.certificates ?? 0;
  const first = days[0]?.certificates ?? 0;
  return `Keys held, from ${first} on ${isoDay(start * DAY)} to ${last} on ${isoDay(today * DAY)}.`;
}
