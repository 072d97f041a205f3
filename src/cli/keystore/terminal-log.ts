import type { Log, LogFields } from '../../log.ts';
import { printable } from '../printable.ts';
import type { Terminal } from '../terminal.ts';

/** What a server would log, for whoever looks at a terminal: warnings and errors only. */
export function terminalLog(terminal: Terminal): Log {
  const say = (message: string, fields: LogFields = {}): void => {
    const words = Object.entries(fields).map(([name, value]) => `${name} ${String(value)}`);
    terminal.err(`vouch: ${printable([message, ...words].join(', '))}\n`);
  };
  const nothing = (): void => undefined;
  return { debug: nothing, info: nothing, warn: say, error: say };
}

/** For operations that have nothing to log. */
export const NO_LOG: Log = {
  debug: () => undefined,
  info: () => undefined,
  warn: () => undefined,
  error: () => undefined,
};
