import { printable } from '../printable.ts';

/**
 * Any JSON as indented lines for people: what a daemon says of itself grows with every version, and nothing of
 * it shall be lost.
 */
export function answerLines(value: unknown, indent = ''): string {
  if (Array.isArray(value)) return value.map((one) => item(one, indent)).join('');
  if (typeof value !== 'object' || value === null) return `${indent}${scalar(value)}\n`;
  const entries = Object.entries(value);
  const width = Math.max(0, ...entries.filter(([, one]) => isShort(one)).map(([name]) => name.length)) + 2;
  return entries.map(([name, one]) => entry(printable(name), one, { indent, width })).join('');
}

function entry(
  name: string,
  value: unknown,
  at: { readonly indent: string; readonly width: number },
): string {
  const { indent, width } = at;
  if (isShort(value)) return `${indent}${`${name}:`.padEnd(width)}${shortText(value)}\n`;
  return `${indent}${name}:\n${answerLines(value, `${indent}  `)}`;
}

/** Members of a list begin with a dash, and their fields stand below each other. */
function item(value: unknown, indent: string): string {
  const lines = answerLines(value, `${indent}  `);
  return `${indent}- ${lines.slice(indent.length + 2)}`;
}

/** Fits on the line of its name. */
function isShort(value: unknown): boolean {
  if (Array.isArray(value)) return value.every((one) => typeof one !== 'object' || one === null);
  return typeof value !== 'object' || value === null || Object.keys(value).length === 0;
}

function shortText(value: unknown): string {
  if (Array.isArray(value)) return value.length === 0 ? 'none' : value.map(scalar).join(', ');
  return typeof value === 'object' && value !== null ? 'none' : scalar(value);
}

function scalar(value: unknown): string {
  if (value === null) return 'none';
  if (typeof value === 'boolean') return value ? 'yes' : 'no';
  return printable(typeof value === 'string' ? value : JSON.stringify(value));
}
