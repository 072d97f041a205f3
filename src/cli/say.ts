import { writeSync } from 'node:fs';

/** EX_IOERR of sysexits. */
const STDOUT_BROKEN = 74;

/**
 * Writes a short answer to stdout without making a stream of it, which takes longer than such an answer. Returns the
 * exit code.
 */
export function say(text: string): number {
  let left = Buffer.from(text);
  try {
    while (left.length > 0) left = left.subarray(writeSync(1, left));
    return 0;
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined;
    // The reader has what it wanted.
    if (code === 'EPIPE') return 0;
    if (code !== 'EAGAIN') return STDOUT_BROKEN;
    // A pipe that is full and does not wait: a stream does.
    process.stdout.write(left);
    return 0;
  }
}
