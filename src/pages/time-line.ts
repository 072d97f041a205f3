/* When the keys of a certificate are valid, drawn. Places are per cent of the width, so text keeps its size. */
import type { CertificateState } from '../openpgp/state.ts';
import { isoDay } from './date.ts';
import { html, type Insert, type Markup } from './markup.ts';

/** Rows that are drawn; a certificate may have more subkeys, which are in the list below. */
const MAX_ROWS = 12;

const ROW_HEIGHT = 44;
const BAR_HEIGHT = 14;
const DAY = 86_400;

interface Row {
  readonly name: string;
  readonly created: number;
  /** Undefined: never. */
  readonly end: number | undefined;
  readonly revoked: boolean;
}

interface Scale {
  readonly start: number;
  readonly end: number;
}

export function timeLine(certificate: CertificateState, now: number): Markup {
  const rows = rowsOf(certificate).slice(0, MAX_ROWS);
  const scale = scaleOf(rows, now);
  const height = rows.length * ROW_HEIGHT + 44;
  return html`<svg class="time-line" width="100%" height="${height}" role="img" aria-label="${summary(rows)}">
    ${yearsOf(scale).map((year) => tick(year, scale, height))}
    ${rows.map((row, index) => bar(row, index, { scale, now }))} ${today(scale, now, height)}
  </svg>`;
}

function rowsOf(certificate: CertificateState): Row[] {
  const { created, expires, revoked, revocation, subkeys } = certificate;
  const end = revocation === undefined ? expires : revocation.hard ? created : revocation.at;
  return [
    { name: 'Primary key', created, end, revoked },
    ...subkeys.map((subkey) => ({
      name: `Subkey …${subkey.fingerprint.slice(-8)}`,
      created: subkey.created,
      end: subkey.revoked ? subkey.created : earliest(subkey.expires, end),
      revoked: subkey.revoked || revoked,
    })),
  ];
}

function earliest(a: number | undefined, b: number | undefined): number | undefined {
  return a === undefined || b === undefined ? (a ?? b) : Math.min(a, b);
}

/** From the first key to the last end, with today in it and a margin. Dates far off do not stretch it. */
function scaleOf(rows: readonly Row[], now: number): Scale {
  const start = Math.min(now, ...rows.map(({ created }) => created));
  const farthest = now + Math.max(5 * 365 * DAY, 2 * (now - start));
  const ends = rows.map(({ end }) => Math.min(end ?? now, farthest));
  const last = Math.max(now, ...ends);
  const margin = Math.max(30 * DAY, (last - start) * 0.08);
  return { start, end: last + margin };
}

function place(time: number, { start, end }: Scale): number {
  const part = ((time - start) / (end - start)) * 100;
  return Math.round(Math.min(100, Math.max(0, part)) * 100) / 100;
}

function bar(
  { name, created, end, revoked }: Row,
  index: number,
  { scale, now }: { readonly scale: Scale; readonly now: number },
): Markup {
  const y = index * ROW_HEIGHT + 40;
  const from = place(created, scale);
  const to = end === undefined ? 100 : place(end, scale);
  const middle = Math.min(Math.max(place(now, scale), from), to);
  const piece = (kind: string, x: number, width: number): Insert =>
    width > 0 &&
    html`<rect
      class="${kind}"
      x="${x}%"
      y="${y}"
      width="${Math.round(width * 100) / 100}%"
      height="${BAR_HEIGHT}"
    />`;
  return html`<text x="0" y="${y - 6}">${name}: ${words({ name, created, end, revoked })}</text>
    <rect class="track" x="0" y="${y}" width="100%" height="${BAR_HEIGHT}" />
    ${revoked && piece('revoked', from, 100 - from)}${piece('past', from, middle - from)}
    ${piece('future', middle, to - middle)}`;
}

function words({ created, end, revoked }: Row): string {
  if (revoked) return end === undefined || end <= created ? 'revoked' : `revoked on ${isoDay(end)}`;
  return end === undefined ? 'does not expire' : `until ${isoDay(end)}`;
}

function tick(year: number, scale: Scale, height: number): Markup {
  const x = place(Date.UTC(year, 0) / 1000, scale);
  return html`<line class="grid" x1="${x}%" x2="${x}%" y1="0" y2="${height - 20}" />
    <text class="year" x="${x}%" y="${height - 6}" text-anchor="middle">${year}</text>`;
}

/** Firsts of January, six at the most, none so near an edge that its number would be cut. */
function yearsOf(scale: Scale): number[] {
  const first = new Date(scale.start * 1000).getUTCFullYear() + 1;
  const last = new Date(scale.end * 1000).getUTCFullYear();
  const step = Math.max(1, Math.ceil((last - first + 1) / 6));
  const years: number[] = [];
  for (let year = first; year <= last; year += step) {
    const x = place(Date.UTC(year, 0) / 1000, scale);
    if (x > 5 && x < 95) years.push(year);
  }
  return years;
}

function today(scale: Scale, now: number, height: number): Markup {
  const x = place(now, scale);
  return html`<line class="today" x1="${x}%" x2="${x}%" y1="0" y2="${height - 20}" />
    <text class="today" x="${x}%" y="12" text-anchor="end" dx="-4">today</text>`;
}

function summary(rows: readonly Row[]): string {
  const sentences = rows.map((row) => `${row.name}: from ${isoDay(row.created)}, ${words(row)}.`);
  return `When the keys are valid. ${sentences.join(' ')}`;
}
