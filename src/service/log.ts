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

/** Milliseconds for the last lines: a reader that is stuck or gone must not keep the process. */
const CLOSE_PATIENCE = 1000;

/** Octets of lines that are written together: each write wakes another thread, and takes as long as an answer. */
const WRITTEN_TOGETHER = 64 * 1024;

/** Milliseconds that a line waits for others at the most. */
const LINE_PATIENCE = 50;

/**
 * Standard error. Lines are written in the background, some together, so that a slow reader does not hold up requests.
 * What is still in memory when the process exits is written then.
 */
export function stderrDestination(): LogDestination {
  const boom = pino.destination({ dest: 2, sync: false });
  // Whoever read the log is gone: the keystore is not.
  boom.on('error', () => undefined);
  let lines: string[] = [];
  let octets = 0;
  let waiting: NodeJS.Timeout | undefined;
  const flush = (): void => {
    clearTimeout(waiting);
    waiting = undefined;
    if (lines.length > 0) boom.write(lines.join(''));
    lines = [];
    octets = 0;
  };
  process.on('exit', () => {
    if (lines.length === 0) return;
    flush();
    boom.flushSync();
  });
  return {
    write: (line) => {
      lines.push(line);
      octets += line.length;
      if (octets >= WRITTEN_TOGETHER) flush();
      else waiting ??= setTimeout(flush, LINE_PATIENCE).unref();
    },
    close: () =>
      new Promise((resolve) => {
        flush();
        const done = (): void => {
          clearTimeout(patience);
          resolve();
        };
        const patience = setTimeout(done, CLOSE_PATIENCE);
        boom.once('close', done);
        // flushSync would overtake a line that is being written.
        boom.end();
      }),
  };
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
