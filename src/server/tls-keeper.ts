import type { TlsFiles } from '../config/server-config.ts';
import type { TlsMaterial } from '../http/hardened-server.ts';
import type { Log } from '../log.ts';
import { TLS_CHECK_INTERVAL } from './limits.ts';
import { loadTls } from './tls-files.ts';
import type { LoadedTls } from './tls-files.ts';

/**
 * Reads certificate and key again when they change, and hands them to the listener. What cannot be used is told
 * once to the log, and the old ones stay: a renewal writes two files, one after the other.
 */
export class TlsKeeper {
  #files: TlsFiles;
  #current: LoadedTls;
  #problem = '';
  #renew: (tls: TlsMaterial) => void = () => undefined;
  #timer: NodeJS.Timeout | undefined;
  readonly #log: Log;

  private constructor(files: TlsFiles, current: LoadedTls, log: Log) {
    this.#files = files;
    this.#current = current;
    this.#log = log;
  }

  /** Throws `BAD_FILE`. */
  static async open(files: TlsFiles, log: Log): Promise<TlsKeeper> {
    return new TlsKeeper(files, await loadTls(files), log);
  }

  get material(): TlsMaterial {
    return this.#current;
  }

  /** Looks every few seconds: a hint of the file system may be lost, and links are changed above the files. */
  watch(renew: (tls: TlsMaterial) => void): void {
    this.#renew = renew;
    this.#timer = setInterval(() => void this.#look(), TLS_CHECK_INTERVAL).unref();
  }

  /** Reads the files now. Throws `BAD_FILE`; the old ones stay then. */
  async reload(files: TlsFiles): Promise<void> {
    const next = await loadTls(files);
    this.#files = files;
    this.#problem = '';
    if (next.digest === this.#current.digest) return;
    this.#renew(next);
    this.#current = next;
    this.#log.info('TLS certificate renewed', { certificate: files.certificate });
  }

  close(): void {
    clearInterval(this.#timer);
  }

  async #look(): Promise<void> {
    try {
      await this.reload(this.#files);
    } catch (error) {
      const problem = error instanceof Error ? error.message : String(error);
      if (problem !== this.#problem) this.#log.error('TLS files cannot be used', { error: problem });
      this.#problem = problem;
    }
  }
}
