import type { Tokens } from '../access/tokens.ts';
import type { ServerConfig } from '../config/server-config.ts';
import type { JobBook } from './job-book.ts';
import type { OpenStore } from './open-store.ts';
import type { OperationArguments } from './operation-arguments.ts';

/** What an operator is answered: a JSON value for programs, lines for people. Both may hold what others wrote. */
export interface OperationAnswer {
  readonly value: unknown;
  readonly lines: readonly string[];
}

/** What only a running server knows and does. */
export interface RunningServer {
  readonly url: string;
  /** Milliseconds since 1970. */
  readonly started: number;
  /** How often each limit turned a request away since then. */
  limitsHit(): Readonly<Record<string, number>>;
  /** Reads the settings again; answers what changed and what only a restart changes. Throws as the settings do. */
  reload(): Promise<ReloadReport>;
}

export interface ReloadReport {
  readonly changed: readonly string[];
  /** Settings that have another value now and need a restart. */
  readonly needRestart: readonly string[];
}

/** What operations work on: a store that is served, or one that nobody serves. */
export interface OperationParts {
  readonly store: OpenStore;
  readonly config: () => ServerConfig;
  readonly tokens: Tokens;
  readonly book: JobBook;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  /** Undefined: the server does not run. */
  readonly running: RunningServer | undefined;
}

/** One thing an operator can ask for. */
export interface Operation {
  /** The names of its arguments. */
  readonly takes: readonly string[];
  /** False: it only reads, so no store is made where there is none. */
  readonly makes: boolean;
  run(args: OperationArguments, parts: OperationParts): Promise<OperationAnswer>;
}
