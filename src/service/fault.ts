import type { ServerLog } from './log.ts';

/** sysexits EX_SOFTWARE: a fault of the program. */
const EX_SOFTWARE = 70;

/**
 * Ends the process at an error that nobody caught: its state is unknown, and what was acknowledged is
 * durable already. Whatever supervises it starts it again.
 */
export function exitOnFault(log: ServerLog): void {
  const end = (kind: string) => (fault: unknown) => {
    const error = fault instanceof Error ? (fault.stack ?? fault.message) : String(fault);
    log.error(kind, { error });
    void log.close().then(() => process.exit(EX_SOFTWARE));
  };
  process.on('uncaughtException', end('uncaught exception'));
  process.on('unhandledRejection', end('unhandled rejection'));
}
