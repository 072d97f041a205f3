import { describe, expect, it } from 'vitest';
import { progress } from '../../src/cli/progress.ts';
import type { Terminal } from '../../src/cli/terminal.ts';

function screen(watched: boolean): Terminal & { written: string[] } {
  const written: string[] = [];
  return {
    written,
    watched,
    columns: 60,
    out: async () => undefined,
    err: (text) => void written.push(text),
  };
}

describe('progress', () => {
  it('shows nothing for a second, then the share that is done, and goes away at the end', () => {
    const terminal = screen(true);
    let time = 0;
    const bar = progress(terminal, 200, () => time);
    time = 999;
    bar.update(10, 'ten');
    expect(terminal.written).toEqual([]);
    time = 1000;
    bar.update(50, 'fifty');
    expect(terminal.written.join('')).toMatch(/\[#{6}\.{18}\] +25 % fifty/);
    bar.end();
    expect(terminal.written.at(-1)).toBe('\r\u001b[K');
  });

  it('draws at most ten times a second, never wider than the terminal, never past the end', () => {
    const terminal = screen(true);
    let time = 5000;
    const bar = progress(terminal, 10, () => time);
    for (; time < 7000; time += 10) bar.update(20, 'x'.repeat(100));
    expect(terminal.written.length).toBeLessThanOrEqual(10);
    expect(terminal.written.length).toBeGreaterThan(0);
    for (const line of terminal.written)
      expect(line.replace('\r', '').replace('\u001b[K', '').length).toBeLessThan(60);
    expect(terminal.written[0]).toContain('100 %');
  });

  it('shows the note alone when nobody knows how much there is, and nothing when nobody looks', () => {
    const terminal = screen(true);
    let time = 0;
    const bar = progress(terminal, undefined, () => time);
    time = 2000;
    bar.update(5, 'five');
    expect(terminal.written.join('')).toContain('\rfive');
    const log = screen(false);
    const silent = progress(log, 10, () => time);
    time = 9000;
    silent.update(5, 'five');
    silent.end();
    expect(log.written).toEqual([]);
  });
});
