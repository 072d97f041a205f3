import { setFlagsFromString } from 'node:v8';

/**
 * Has V8 wait ten times as long as it would before it optimizes what runs often: for a command that works on all cores
 * for a second or two and is done. It would spend half of that on optimizing what then has hardly any time left to be
 * faster; a command that runs for minutes loses a second of them.
 */
export function optimizeLate(): void {
  setFlagsFromString(`--interrupt-budget=${OCTETS_OF_BYTECODE}`);
}

/** That a function runs between two looks at whether it is worth it; 66 KiB unless set. */
const OCTETS_OF_BYTECODE: number = 660 * 1024;
