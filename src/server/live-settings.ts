import { isDeepStrictEqual } from 'node:util';
import type { ServerConfig } from '../config/server-config.ts';
import type { Application } from '../http/hardened-server.ts';
import type { Log, LogLevel } from '../log.ts';
import { createSchedule } from '../service/schedule.ts';
import type { Schedule } from '../service/schedule.ts';
import { ServerError } from './error.ts';
import type { JobBook } from './job-book.ts';
import { schedulesOf } from './jobs.ts';
import type { ReloadReport } from './operation.ts';
import { checkSchedules, keptSettings, settingsChange } from './settings-change.ts';
import type { TlsKeeper } from './tls-keeper.ts';

export interface LiveParts {
  readonly log: Log;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  readonly loadConfig?: () => ServerConfig | Promise<ServerConfig>;
  readonly setLogLevel?: (level: LogLevel) => void;
  readonly book: JobBook;
  readonly tls: TlsKeeper | undefined;
  /** Throws when the settings cannot be used. */
  readonly appOf: (config: ServerConfig) => Application;
}

type Handler = ReturnType<Application['callback']>;

/**
 * The settings in force, and what is made of them: the application and the schedule. A request that is under way
 * when they change ends with those it began with; connections stay.
 */
export class LiveSettings implements Application {
  readonly #parts: LiveParts;
  #config: ServerConfig;
  #handler: Handler;
  #schedule: Schedule;
  #reloading: Promise<ReloadReport> | undefined;

  constructor(config: ServerConfig, parts: LiveParts) {
    this.#parts = parts;
    this.#config = config;
    this.#handler = parts.appOf(config).callback();
    this.#schedule = this.#scheduleOf(config);
  }

  get config(): ServerConfig {
    return this.#config;
  }

  callback(): Handler {
    return (request, response) => this.#handler(request, response);
  }

  start(): void {
    this.#schedule.start();
  }

  async stop(): Promise<void> {
    await this.#schedule.stop();
  }

  /** One after another. Throws what is wrong with the new settings; all of the old ones stay then. */
  reload(): Promise<ReloadReport> {
    this.#reloading ??= this.#reload().finally(() => {
      this.#reloading = undefined;
    });
    return this.#reloading;
  }

  async #reload(): Promise<ReloadReport> {
    const { log } = this.#parts;
    try {
      const report = await this.#take();
      for (const name of report.needRestart) log.warn('a setting changes with the next start', { name });
      log.info('reloaded', { changed: report.changed.join(', ') });
      return report;
    } catch (error) {
      log.error('the settings cannot be used; the old ones stay', { error: String(error) });
      throw error;
    }
  }

  async #take(): Promise<ReloadReport> {
    const { loadConfig, appOf, tls, setLogLevel } = this.#parts;
    if (loadConfig === undefined) throw new ServerError('NOT_RUNNING', 'these settings cannot be reloaded');
    const next = await loadConfig();
    const report = settingsChange(this.#config, next);
    const kept = keptSettings(this.#config, next);
    checkSchedules(kept);
    const handler = appOf(kept).callback();
    // The last that can fail.
    if (kept.tls !== undefined) await tls?.reload(kept.tls);
    const rescheduled = !isDeepStrictEqual(schedulesOf(this.#config), schedulesOf(kept));
    this.#config = kept;
    this.#handler = handler;
    setLogLevel?.(kept.logLevel);
    if (rescheduled) this.#reschedule(kept);
    return report;
  }

  #reschedule(config: ServerConfig): void {
    // A run under way goes on; the book lets no job run twice at once.
    void this.#schedule.stop();
    this.#schedule = this.#scheduleOf(config);
    this.#schedule.start();
  }

  #scheduleOf(config: ServerConfig): Schedule {
    const { book, log, now } = this.#parts;
    const jobs = [...schedulesOf(config)].map(([name, schedule]) => ({
      name,
      schedule,
      run: async (planned?: number) => {
        await book.run(name, planned);
      },
    }));
    return createSchedule(jobs, log, now);
  }
}
