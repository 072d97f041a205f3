import type { ExitCode } from './exit-code.ts';
import { processTerminal, type Terminal } from './terminal.ts';

/** Runs a command whose words were understood without yargs, and says what goes wrong. Returns its exit code. */
export async function quickly(run: (terminal: Terminal) => Promise<ExitCode>): Promise<ExitCode> {
  const terminal = processTerminal();
  try {
    return await run(terminal);
  } catch (error) {
    const { reportFailure } = await import('./report-failure.ts');
    return reportFailure(error, terminal, Boolean(process.env['VOUCH_DEBUG']));
  }
}
