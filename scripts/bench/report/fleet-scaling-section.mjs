/* What ten thousand hosts ask of a keystore, reckoned from a run of `fleet`. */
import { short } from '../figures.mjs';
import { markdownTable, runInWords } from './markdown.mjs';

const HOSTS = 10_000;
const DAY = 86_400;

/** A refresh is due every six hours, so that a day has four. */
const REFRESHES = 4;

/** Seconds between two looks of the schedule: hosts that start together come within them. */
const SCHEDULE = 300;

/**
 * @param {import('../fleet.mjs').FleetRun} run
 * @returns {import('./page.mjs').Section}
 */
export function fleetScalingSection(run) {
  const { sizes, measured } = run;
  const figures = measured[0]?.figures ?? {};
  /** @param {string} name */
  const both = (name) => ['log', 'keys'].map((way) => figures[`${name}, ${way}`] ?? Number.NaN);
  const daily = both('requests a host and day').map((count) => count * HOSTS);
  const octets = both('octets a host');
  const server = both('server CPU ms a host');
  const rows = [
    ['requests a day', '10,000 × those of a host and day', ...daily.map(short)],
    ['requests a second, spread', 'a day ÷ 86,400 s', ...daily.map((count) => short(count / DAY))],
    [
      'requests a second when all come at once',
      'those of one refresh, in 300 s',
      ...both('requests a host').map((count) => short((count * HOSTS) / SCHEDULE)),
    ],
    [
      'GB a day',
      '10,000 × 4 × octets of a refresh',
      ...octets.map((count) => short((count * HOSTS * REFRESHES) / 1e9)),
    ],
    [
      'processor hours of the keystore a day',
      '10,000 × 4 × its time for a refresh',
      ...server.map((ms) => short((ms * HOSTS * REFRESHES) / 1000 / 3600)),
    ],
    [
      'requests of the first day',
      `10,000 × ${sizes.keys}`,
      short(HOSTS * sizes.keys),
      short(HOSTS * sizes.keys),
    ],
  ];
  const head = ['10,000 hosts', 'reckoned as', 'by change log', 'key by key'];
  const text = [
    `From the run of ${runInWords(run).slice('Run of '.length)} ${sizes.keys} keys a host.`,
    markdownTable([head, ...rows], new Set([1])),
  ];
  return { text: text.join('\n\n'), plots: {} };
}
