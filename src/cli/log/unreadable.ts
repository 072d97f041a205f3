import type { OnUnreadable } from '../../admission/log/log-cursor.ts';
import { printable } from '../printable.ts';
import type { Terminal } from '../terminal.ts';

/** Warns of the first line that cannot be read; `end` says how many there were. */
export function unreadableLines(terminal: Terminal): {
  readonly onUnreadable: OnUnreadable;
  end: () => void;
} {
  let count = 0;
  return {
    onUnreadable: (file, line) => {
      count += 1;
      if (count > 1) return;
      terminal.err(`vouch: ${printable(file)}:${line} cannot be read; vouch log verify says more\n`);
    },
    end: () => {
      if (count > 1) terminal.err(`vouch: ${count} lines of the log cannot be read\n`);
    },
  };
}
