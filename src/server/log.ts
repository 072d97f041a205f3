import { pino } from 'pino';
import type { DestinationStream } from 'pino';
import type { LogLevel } from '../config/server-config.ts';
import type { Log, LogFields } from '../log.ts';

/** A destination that writes in the background and can be told to finish. */
export interface LogDestination extends DestinationStream {
  flushSync(): void;
}

export interface ServerLog extends Log {
  /** Writes what is still in memory; call it before the process ends. */
  flush(): void;
}

/** Standard error. Lines are written in the background, so that a slow reader does not hold up requests. */
export function stderrDestination(): LogDestination {
  const destination = pino.destination({ dest: 2, sync: false });
  // Whoever read the log is gone: the keystore is not.
  destination.on('error', () => undefined);
  return destination;
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
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
    },
    destination,
  );
  const at =
    (write: (fields: LogFields, message: string) => void) =>
    (message: string, fields: LogFields = {}): void =>
      write(fields, message);
  return {
    debug: at((fields, message) => logger.debug(fields, message)),
    info: at((fields, message) => logger.info(fields, message)),
    warn: at((fields, message) => logger.warn(fields, message)),
    error: at((fields, message) => logger.error(fields, message)),
    flush: () => flush(destination),
  };
}

/** SonicBoom throws when its file was never opened or is closed; there is nothing left to write to then. */
function flush(destination: LogDestination): void {
  try {
    destination.flushSync();
  } catch {
    // Standard error is gone.
  }
}
