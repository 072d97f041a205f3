import { pino } from 'pino';
import type { DestinationStream } from 'pino';
import type { Log, LogFields, LogLevel } from '../log.ts';

/** A destination that writes in the background. */
export interface LogDestination extends DestinationStream {
  /** Resolves when all lines are written, in their order; nothing may be written after it was called. */
  close(): Promise<void>;
}

export interface ServerLog extends Log {
  /** From now on. */
  setLevel(level: LogLevel): void;
  /** Writes what is still in memory; what is logged from now on is lost. Call it before the process ends. */
  close(): Promise<void>;
}

/**
 * JSON lines: `level` in words, `time` in ISO 8601, `msg`, and the fields. There is no host name and no
 * process ID: what collects the lines knows both.
 */
export function createLog(level: LogLevel, destination: LogDestination): ServerLog {
  const logger = pino(
    {
      level,
      base: null,
      timestamp: isoTime(),
      formatters: { level: (label) => ({ level: label }) },
    },
    destination,
  );
  let closing: Promise<void> | undefined;
  const at =
    (write: (fields: LogFields, message: string) => void) =>
    (message: string, fields: LogFields = {}): void => {
      if (closing === undefined) write(fields, message);
    };
  return {
    debug: at((fields, message) => logger.debug(fields, message)),
    info: at((fields, message) => logger.info(fields, message)),
    warn: at((fields, message) => logger.warn(fields, message)),
    error: at((fields, message) => logger.error(fields, message)),
    setLevel: (next) => {
      logger.level = next;
    },
    close: () => (closing ??= destination.close()),
  };
}

/** The field `time` of a line. Under load a dozen lines are of one millisecond, and share its text. */
function isoTime(): () => string {
  let last: number | undefined;
  let field = '';
  return () => {
    const now = Date.now();
    if (now !== last) {
      last = now;
      field = `,"time":"${new Date(now).toISOString()}"`;
    }
    return field;
  };
}
