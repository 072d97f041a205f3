import { short } from '../figures.mjs';
import { GROWTH_ROWS } from '../growth-rows.mjs';
import { linePlot } from './line-plot.mjs';
import { markdownTable, runInWords } from './markdown.mjs';

/**
 * @param {string} name of its plots
 * @returns {(run: import('../growth.mjs').GrowthRun) => import('./page.mjs').Section}
 */
export const growthSection = (name) => (run) => {
  const { points, rounds, seconds } = run;
  const [first] = points;
  const last = points.at(-1);
  if (first === undefined || last === undefined) throw new RangeError('a run without stores');
  const rows = GROWTH_ROWS.map(([what, figure]) => [
    what,
    ...points.map((point) => short(figure(point))),
    short(figure(last) / figure(first)),
  ]);
  const text = [
    `${runInWords(run)} Medians of ${rounds} rounds of ${seconds} s each, 16 connections, the stores in turns; load, ` +
      'backup and check once.',
    `![Processor time of a lookup by the size of the store](performance/${name}-lookups.svg) ` +
      `![Seconds of a load, a check and a backup by the size of the store](performance/${name}-work.svg)`,
    markdownTable([['certificates', ...points.map(({ size }) => short(size)), 'last ÷ first'], ...rows]),
  ];
  const plots = { [`${name}-lookups`]: lookups(points), [`${name}-work`]: work(points) };
  return { text: text.join('\n\n'), plots };
};

/**
 * @param {readonly import('../growth.mjs').GrowthPoint[]} points
 * @param {(point: import('../growth.mjs').GrowthPoint) => number} figure
 * @returns {[number, number][]}
 */
function course(points, figure) {
  return points.map((point) => [point.size, figure(point)]);
}

/** @param {readonly import('../growth.mjs').GrowthPoint[]} points */
function lookups(points) {
  return linePlot({
    title: 'What a lookup costs the server',
    text: 'Processor time of a lookup by fingerprint and of a search by e-mail, for stores of growing size.',
    x: 'certificates in the store',
    y: 'processor time of a request, µs',
    lines: [
      { name: 'get', colour: 'one', points: course(points, ({ sample }) => sample.get.processor) },
      { name: 'index', colour: 'two', points: course(points, ({ sample }) => sample.index.processor) },
    ],
  });
}

/** @param {readonly import('../growth.mjs').GrowthPoint[]} points */
function work(points) {
  return linePlot({
    title: 'What an operator waits for',
    text: 'Seconds to load, to check and to back up stores of growing size.',
    x: 'certificates in the store',
    y: 'seconds',
    lines: [
      { name: 'load', colour: 'one', points: course(points, ({ load }) => load.seconds) },
      { name: 'check', colour: 'two', points: course(points, ({ check }) => check.seconds) },
      { name: 'backup', colour: 'three', points: course(points, ({ backup }) => backup.seconds) },
    ],
  });
}
