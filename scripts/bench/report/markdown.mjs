import { machineInWords } from '../machine.mjs';

/**
 * A table; the first column to the left, the others to the right, unless `left` names them.
 *
 * @param {readonly (readonly string[])[]} rows the head first
 * @param {ReadonlySet<number>} [left]
 */
export function markdownTable([head = [], ...rows], left = new Set()) {
  const line = head.map((_, column) => (column === 0 || left.has(column) ? '---' : '--:'));
  return [head, line, ...rows]
    .map((cells) => `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`)
    .join('\n');
}

/**
 * When a run was and on what. `note` is what only whoever measured can know, such as other work on the machine: it is
 * written into the kept run by hand.
 *
 * @param {{ began: string, machine: import('../machine.mjs').Machine, note?: string }} run
 */
export function runInWords({ began, machine, note }) {
  const words = `Run of ${began.slice(0, 16).replace('T', ' ')} UTC on ${machineInWords(machine)}.`;
  return note === undefined ? words : `${words} ${note}`;
}
