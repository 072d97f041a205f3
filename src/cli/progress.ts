import type { Terminal } from './terminal.ts';

/** Work that ends sooner than this many milliseconds shows no progress. */
const PATIENCE = 1000;
/** Milliseconds between two drawings. */
const INTERVAL = 100;
const BAR_WIDTH = 24;

export interface Progress {
  /** `done` is in the unit of the total; `note` stands behind the bar. */
  update(done: number, note: string): void;
  /** Takes the bar away. */
  end(): void;
}

/**
 * A bar on stderr for whoever watches it. `total` is undefined when nobody knows how much there is; `now`
 * gives milliseconds.
 */
export function progress(terminal: Terminal, total: number | undefined, now: () => number): Progress {
  const start = now();
  let drawn = start + PATIENCE - INTERVAL;
  let visible = false;
  return {
    update: (done, note) => {
      if (!terminal.watched || now() - drawn < INTERVAL) return;
      drawn = now();
      visible = true;
      const line = total === undefined ? note : `${bar(done / Math.max(total, 1))} ${note}`;
      terminal.err(`\r${line.slice(0, terminal.columns - 1)}\x1b[K`);
    },
    end: () => {
      if (visible) terminal.err('\r\x1b[K');
      visible = false;
    },
  };
}

function bar(share: number): string {
  const part = Math.min(Math.max(share, 0), 1);
  const full = Math.round(part * BAR_WIDTH);
  const percent = String(Math.floor(part * 100)).padStart(3);
  return `[${'#'.repeat(full)}${'.'.repeat(BAR_WIDTH - full)}] ${percent} %`;
}
