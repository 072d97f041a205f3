import { VouchError } from '../error.ts';
import { PolicyError } from '../policy/error.ts';
import { CliError } from './error.ts';
import { exitCodeOf } from './exit-code.ts';
import type { ExitCode } from './exit-code.ts';
import { printable } from './printable.ts';
import type { Terminal } from './terminal.ts';

/**
 * Says on stderr what went wrong, in one line (two for a command line that cannot be understood, one for each
 * fault of a policy), and returns the exit code of it. `debug` adds where it comes from.
 */
export function reportFailure(error: unknown, terminal: Terminal, debug: boolean): ExitCode {
  const usage = error instanceof CliError && error.code === 'USAGE';
  // A policy's message has a line for every fault.
  const lines =
    usage || error instanceof PolicyError
      ? error.message.split('\n')
      : [
          messageOf(error)
            .trim()
            .replace(/\s*\n\s*/g, ' '),
        ];
  terminal.err(`vouch: ${lines.map(printable).join('\n')}\n`);
  if (debug) terminal.err(`${traceOf(error)}\n`);
  else if (!(error instanceof VouchError)) {
    terminal.err('vouch: this is a fault of Vouch; --debug shows where it is\n');
  }
  return exitCodeOf(error);
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

function traceOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const { stack = error.message, cause } = error;
  return cause === undefined ? stack : `${stack}\ncaused by: ${traceOf(cause)}`;
}
