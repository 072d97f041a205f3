/** From what on lines are written. */
export type LogLevel = 'debug' | 'info' | 'warn' | 'error' | 'silent';

/** What a line of the log may carry. Never the bytes of an upload, never a secret. */
export type LogFields = Readonly<Record<string, string | number | boolean | null | undefined>>;

/** Structured logging as the rooms see it; `server` supplies the implementation. */
export interface Log {
  debug(message: string, fields?: LogFields): void;
  info(message: string, fields?: LogFields): void;
  warn(message: string, fields?: LogFields): void;
  error(message: string, fields?: LogFields): void;
}
