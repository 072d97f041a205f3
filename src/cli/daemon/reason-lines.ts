import type { Reason } from '../../policy/verdict.ts';
import { printable } from '../printable.ts';

/** A reason, and below it what would help. */
export function reasonLines({ code, action, text, fix, source }: Reason): string {
  const kind = action === 'enforce' ? '' : 'warning: ';
  const from = source === undefined ? '' : ` (${printable(source)})`;
  const help = fix === undefined ? '' : `    fix: ${printable(fix)}\n`;
  return `  ${code}: ${kind}${printable(text)}${from}\n${help}`;
}
