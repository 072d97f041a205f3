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
 * When a run was and on what.
 *
 * @param {{ began: string, machine: import('../machine.mjs').Machine }} run
 */
export function runInWords({ began, machine }) {
  return `Run of ${began.slice(0, 16).replace('T', ' ')} UTC on ${machineInWords(machine)}.`;
}
