/*
 * Which process runs a job where several serve one store. Whoever runs one keeps a document and writes it again and
 * again; whoever sees it unchanged for a while, by a clock of its own, takes it for abandoned. So it does not matter
 * how far the clocks of two machines are apart.
 */
import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { fieldsOf } from '../keystore/document-fields.ts';
import type { Document, Keystore } from '../keystore/keystore.ts';
import type { Log } from '../log.ts';

const KIND = 'job-lease';

/** Milliseconds. */
export interface LeaseTimes {
  /** Between two signs of life. */
  readonly beat: number;
  /** Between two looks for one. */
  readonly look: number;
  /** Without one, until a job is abandoned: several beats. */
  readonly patience: number;
}

export interface LeaseParts {
  readonly keystore: Keystore;
  readonly log: Log;
  readonly times: LeaseTimes;
  /** When the server stops: nobody waits for others any more. */
  readonly stopping: AbortSignal;
}

/** The right to run a job, until `end`. */
export interface Lease {
  end(): Promise<void>;
}

export class JobLeases {
  readonly #parts: LeaseParts;

  constructor(parts: LeaseParts) {
    this.#parts = parts;
  }

  /** Whether somebody runs the job, as far as can be seen at once. */
  async isTaken(job: string): Promise<boolean> {
    return (await this.#parts.keystore.document(KIND, job)) !== undefined;
  }

  /** Waits while somebody else runs the job. Undefined: that one has come to its end, or this server to its own. */
  async take(job: string): Promise<Lease | undefined> {
    const { keystore, times, stopping, log } = this.#parts;
    const signs = new Signs();
    let held = await keystore.document(KIND, job);
    do {
      const abandoned = held !== undefined && signs.lasted(signOf(held)) >= times.patience;
      if (held === undefined || abandoned) {
        const lease = await this.#begin(job, held?.version ?? 0);
        if (abandoned && lease !== undefined) log.warn('a job was abandoned by whoever ran it', { job });
        if (lease !== undefined) return lease;
      }
      if (!(await slept(times.look, stopping))) return undefined;
      held = await keystore.document(KIND, job);
    } while (held !== undefined);
    return undefined;
  }

  async #begin(job: string, version: number): Promise<Lease | undefined> {
    const holder = randomUUID();
    if (!(await this.#parts.keystore.putDocument(KIND, job, { holder }, version))) return undefined;
    const ended = new AbortController();
    const kept = this.#keep(job, holder, ended.signal);
    return {
      end: async () => {
        ended.abort();
        await kept;
      },
    };
  }

  /** Gives signs of life until the end, and takes the document away then. */
  async #keep(job: string, holder: string, ended: AbortSignal): Promise<void> {
    const { times } = this.#parts;
    while (await slept(times.beat, ended)) await this.#sign(job, holder, { holder });
    await this.#sign(job, holder, undefined);
  }

  /** The work goes on, whether it can be written or not. */
  async #sign(job: string, holder: string, value: unknown): Promise<void> {
    const { keystore, log } = this.#parts;
    try {
      const held = await keystore.document(KIND, job);
      if (holderOf(held) === holder && held !== undefined) {
        await keystore.putDocument(KIND, job, value, held.version);
        return;
      }
      log.warn('a job was taken for abandoned while it ran', { job });
    } catch (error) {
      log.warn('others may take a job for abandoned', { job, error: String(error) });
    }
  }
}

/** For how long the latest sign of life has been the latest. */
class Signs {
  #latest: string | undefined;
  #since = 0;

  /** Milliseconds. */
  lasted(sign: string): number {
    const now = performance.now();
    if (sign !== this.#latest) this.#since = now;
    this.#latest = sign;
    return now - this.#since;
  }
}

/** Differs with each sign of life, and with each holder. */
function signOf(held: Document): string {
  return `${String(holderOf(held))} ${held.version}`;
}

function holderOf(held: Document | undefined): unknown {
  return fieldsOf(held?.value)['holder'];
}

/** False when it was woken. */
async function slept(time: number, signal: AbortSignal): Promise<boolean> {
  return delay(time, true, { signal }).catch(() => false);
}
