import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { goalRow } from '../../scripts/bench/goal-row.mjs';
import { GOALS, verdictOf } from '../../scripts/bench/goals.mjs';
import type { Measured } from '../../scripts/bench/goals.mjs';
import { goalBars } from '../../scripts/bench/report/goal-bars.mjs';
import { linePlot } from '../../scripts/bench/report/line-plot.mjs';
import { keepRun, writeReport } from '../../scripts/bench/report/page.mjs';
import { logScale, ticks } from '../../scripts/bench/report/scale.mjs';
import { SUITES } from '../../scripts/bench/suites.mjs';

const measured = (goal: string, ratio: number, spread = 0.01): Measured => ({
  goal,
  ratio,
  least: ratio,
  most: ratio,
  spread,
  figures: { 'req/s': 1 },
});

const MACHINE = {
  processor: 'Some <processor> & more',
  cores: 2,
  memory: 24,
  kernel: 'Linux 6',
  system: 'Debian',
  node: 'v20.20.2',
  openssl: '3',
  disk: 'ext4 on vda',
};

/** The names of elements that are not closed in their order: none in a picture that programs can read. */
function leftOpen(svg: string): string[] {
  const open: string[] = [];
  for (const [, closes, name = '', empty] of svg.matchAll(/<(\/?)([a-z]+)[^<>]*?(\/?)>/g)) {
    if (closes === '/' && open.at(-1) === name) open.pop();
    else if (empty !== '/') open.push(name);
  }
  return open;
}

describe('a figure and its goal', () => {
  it('is met, missed, or void where the yardstick moved, whatever it came to', () => {
    expect(verdictOf(measured('P1', 0.7))).toBe('aim');
    expect(verdictOf(measured('P1', 0.5))).toBe('must');
    expect(verdictOf(measured('P1', 0.4))).toBe('missed');
    expect(verdictOf(measured('P2', 2.3))).toBe('missed');
    expect(verdictOf(measured('P18', -3))).toBe('aim');
    expect(verdictOf(measured('P1', 0.7, 0.16))).toBe('void');
    expect(verdictOf(measured('P1', Number.NaN))).toBe('void');
  });

  it('is told ratio first, with both bounds and what it is made of', () => {
    const [goal, ratio, range, must, aim, verdict] = goalRow(measured('P2', 2.345));
    expect([goal, ratio, range, must, aim, verdict]).toEqual([
      'P2',
      '2.35',
      '2.35–2.35',
      '≤ 2.2',
      '≤ 1.6',
      'MISSED',
    ]);
    expect(goalRow(measured('P1', 0.5, 0.5))[5]).toContain('void');
  });

  it('belongs to one benchmark, which measures goals that exist', () => {
    const named = SUITES.flatMap(({ goals }) => goals);
    expect(new Set(named).size).toBe(named.length);
    expect(named.filter((name) => GOALS[name] === undefined)).toEqual([]);
  });
});

describe('plots', () => {
  it('say in words what they show, name every goal, and can be read', () => {
    const all = Object.keys(GOALS).map((goal, n) => measured(goal, n - 3, n % 5 === 0 ? 0.4 : 0));
    const svg = goalBars(all);
    expect(leftOpen(svg)).toEqual([]);
    expect(svg).toMatch(
      /role="img" aria-labelledby="title desc"[^]*<title id="title">[^<]+<\/title>\s*<desc id="desc">[^<]+</,
    );
    for (const goal of Object.keys(GOALS)) expect(svg).toContain(`>${goal}</text>`);
    expect(svg).toContain('prefers-color-scheme:dark');
    expect(svg).not.toMatch(/NaN|Infinity|undefined/);
  });

  it('draw lines by factors and escape their names', () => {
    const svg = linePlot({
      title: 'a < b',
      text: '"a" & b',
      x: 'x',
      y: 'y',
      lines: [
        {
          name: 'one',
          colour: 'one',
          points: [
            [10, 3],
            [1000, 300],
          ],
        },
        { name: 'two', colour: 'two', points: [[10, 3]] },
      ],
    });
    expect(leftOpen(svg)).toEqual([]);
    expect(svg).toContain('a &lt; b');
    expect(svg).toContain('&quot;a&quot; &amp; b');
    expect(svg).not.toMatch(/NaN|Infinity|undefined/);
    const x = logScale(1, 100, 0, 200);
    expect([x(0), x(1), x(10), x(1e9)]).toEqual([0, 0, 100, 200]);
    expect(ticks(1, 10)).toEqual([1, 2, 5, 10]);
  });
});

describe('the page', () => {
  async function page(text: string): Promise<{ folder: string; read: () => Promise<string> }> {
    const folder = await mkdtemp(join(tmpdir(), 'vouch-page-'));
    onTestFinished(() => rm(folder, { recursive: true }));
    await writeFile(join(folder, 'performance.md'), text);
    await writeFile(join(folder, 'scaling.md'), '# Scaling\n');
    return { folder, read: () => readFile(join(folder, 'performance.md'), 'utf8') };
  }
  const run = {
    began: '2026-01-02T03:04:05.000Z',
    minutes: 1,
    quick: false,
    machine: MACHINE,
    measured: [measured('P24', 0.02)],
    failed: {},
  };

  it('has the last run between its marks, with the machine, and keeps the words around it', async () => {
    const { folder, read } = await page(
      '# Before\n\n<!-- measured: goals -->\nold\n<!-- end of goals -->\n\nAfter\n',
    );
    await keepRun(folder, 'goals', run);
    const text = await read();
    expect(text).toMatch(/^# Before\n[^]*2026-01-02 03:04 UTC on Some <processor>[^]*\| P24 [^]*\nAfter\n$/);
    expect(text).not.toContain('old');
    expect(text).toContain('Not measured in this run: P1,');
    expect(await readFile(join(folder, 'performance', 'goals.svg'), 'utf8')).toContain('<svg');
    await writeReport(folder);
    expect(await read()).toBe(text);
  });

  it('is not written where it has no place for the run', async () => {
    const { folder, read } = await page('# Nothing\n');
    await expect(keepRun(folder, 'goals', run)).rejects.toThrow('measured: goals');
    expect(await read()).toBe('# Nothing\n');
  });
});
