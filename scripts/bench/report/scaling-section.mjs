/* What ten and a hundred million certificates need, reckoned from a run of `growth`. */
import { short } from '../figures.mjs';
import { markdownTable, runInWords } from './markdown.mjs';

/** Certificates, and octets of one as people have them: a few user IDs, a subkey or two, RSA among them. */
const SIZES = [1e7, 1e8];
const USUAL_OCTETS = 2200;

const HOUR = 3600;

/**
 * A cost by size: what one certificate costs at the largest measured size, and what that grows by with each tenfold.
 *
 * @typedef {{ size: number, each: number, growth: number }} Cost
 */

/**
 * @param {import('../growth.mjs').GrowthRun} run
 * @returns {import('./page.mjs').Section}
 */
export function scalingSection(run) {
  const { points } = run;
  const last = points.at(-1);
  if (last === undefined) throw new RangeError('a run without stores');
  const { load, size, backup } = last;
  const overhead = (load.storeOctets - load.dumpOctets) / size;
  const stored = overhead + USUAL_OCTETS;
  // The small certificates of the run are of signatures and numbers, which gzip leaves as they are: so are others.
  const saved = USUAL_OCTETS + backup.octets / size - load.dumpOctets / size;
  const processor = costOf(points, (point) => point.load.processorSeconds / point.size);
  const check = costOf(points, (point) => point.check.seconds / point.size);
  const written = costOf(points, (point) => point.backup.seconds / point.size);
  const get = costOf(points, (point) => point.sample.get.processor);
  const rows = [
    linear('store', `${short(overhead)} + ${short(USUAL_OCTETS)} octets × n`, (n) => gigabytes(stored * n)),
    linear('backup file', `${short(saved)} octets × n`, (n) => gigabytes(saved * n)),
    grown('load, processor time', processor, (seconds, n) => hours(seconds * n)),
    grown('check', check, (seconds, n) => hours(seconds * n)),
    grown('backup', written, (seconds, n) => hours(seconds * n)),
    grown('get by fingerprint, processor time', get, (microseconds) => `${short(microseconds)} µs`),
    grown('gets a second of one core', get, (microseconds) => short(1e6 / microseconds)),
    linear('index of the pages for people, in memory', '4 octets × changes', (n) => gigabytes(4 * n)),
  ];
  const head = ['of n certificates', 'reckoned as', '10 million', '100 million'];
  const text = [
    `From the run of ${runInWords(run).slice('Run of '.length)} The largest store of the run had ${short(size)} certificates.`,
    markdownTable([head, ...rows], new Set([1])),
  ];
  return { text: text.join('\n\n'), plots: {} };
}

/**
 * @param {readonly import('../growth.mjs').GrowthPoint[]} points
 * @param {(point: import('../growth.mjs').GrowthPoint) => number} figure
 * @returns {Cost}
 */
function costOf(points, figure) {
  const [before, last] = points.slice(-2);
  if (before === undefined || last === undefined) throw new RangeError('growth wants two sizes at least');
  const tenfolds = Math.log10(last.size / before.size);
  // What gets cheaper with size is not believed to go on doing so.
  const growth = Math.max(1, (figure(last) / figure(before)) ** (1 / tenfolds));
  return { size: last.size, each: figure(last), growth };
}

/**
 * @param {string} name
 * @param {string} formula
 * @param {(size: number) => string} reckon
 */
function linear(name, formula, reckon) {
  return [name, formula, ...SIZES.map(reckon)];
}

/**
 * @param {string} name
 * @param {Cost} cost
 * @param {(each: number, size: number) => string} reckon
 */
function grown(name, { size, each, growth }, reckon) {
  const formula = `that of ${short(size)}, × ${short(growth)} each tenfold`;
  return [name, formula, ...SIZES.map((n) => reckon(each * growth ** Math.log10(n / size), n))];
}

/** @param {number} octets */
function gigabytes(octets) {
  return octets >= 1e12 ? `${short(octets / 1e12)} TB` : `${short(octets / 1e9)} GB`;
}

/** @param {number} seconds */
function hours(seconds) {
  return seconds < HOUR ? `${short(seconds / 60)} min` : `${short(seconds / HOUR)} h`;
}
