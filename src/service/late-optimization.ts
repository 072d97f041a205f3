import { setFlagsFromString } from 'node:v8';

/** Octets of bytecode that a function runs before V8 looks whether to optimize it: ten times what is usual. */
const OCTETS_BEFORE_A_LOOK: number = 660 * 1024;

/** Those of Node.js 20 and 22, which have the flag. An unknown one is complained of on standard error. */
const KNOWN: ReadonlySet<string> = new Set(['11', '12']);

/**
 * Has V8 wait longer before it optimizes what runs often, for a command that works on all cores and may be done in a
 * second: it would spend a quarter of that on making faster what has no time left to be faster. A command that goes on
 * loses nothing that can be measured. Other versions of V8 than those known stay as they are.
 */
export function optimizeLate(version: string = process.versions.v8): void {
  const [major = ''] = version.split('.');
  if (KNOWN.has(major)) setFlagsFromString(`--interrupt-budget=${OCTETS_BEFORE_A_LOOK}`);
}
