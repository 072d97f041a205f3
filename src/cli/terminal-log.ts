import type { Log } from '../log.ts';
import { printable } from './printable.ts';
import type { Terminal } from './terminal.ts';

/** What rooms log, for somebody who runs one command: warnings and errors, as lines on stderr. */
export function terminalLog(terminal: Terminal): Log {
  const warn: Log['warn'] = (message, fields = {}) => {
    const details = Object.values(fields).filter((value) => typeof value === 'string');
    terminal.err(`WARNING: ${printable([message, ...details].join(': '))}\n`);
  };
  return { debug: () => undefined, info: () => undefined, warn, error: warn };
}
