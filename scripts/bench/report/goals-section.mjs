import { goalRow, HEAD } from '../goal-row.mjs';
import { GOALS, MAX_SPREAD } from '../goals.mjs';
import { goalBars } from './goal-bars.mjs';
import { markdownTable, runInWords } from './markdown.mjs';

/** Of a goal's row: what is told in words, to the left. */
const WORDS = new Set([5, 6, 7, 8]);

/**
 * @param {import('../all-goals.mjs').GoalRun} run
 * @returns {import('./page.mjs').Section}
 */
export function goalsSection(run) {
  const { measured, failed, quick, minutes } = run;
  const absent = Object.keys(GOALS).filter((name) => !measured.some(({ goal }) => goal === name));
  const notes = [
    `${runInWords(run)} It took ${minutes} minutes.`,
    ...(quick ? ['**A quick run: few rounds, to see that it works. Its figures are worth little.**'] : []),
    `Void: the yardstick itself moved by more than ${MAX_SPREAD * 100} %, so the ratio says nothing.`,
    ...(absent.length > 0 ? [`Not measured in this run: ${absent.join(', ')}.`] : []),
    ...Object.keys(failed).map((name) => `The benchmark ${name} failed in this run.`),
  ];
  const text = [
    notes.join(' '),
    '![Each goal, as times better than it must be; the table below has the figures](performance/goals.svg)',
    markdownTable([HEAD, ...measured.map(goalRow)], WORDS),
  ];
  return { text: text.join('\n\n'), plots: { goals: goalBars(measured) } };
}
