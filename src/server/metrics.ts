/* What Prometheus is told. No label has anything in it that a client chose. */
import Koa from 'koa';
import { collectDefaultMetrics, Counter, Histogram, Registry } from 'prom-client';
import type { Submit } from '../hkp/submission.ts';
import type { RequestMeter } from '../http/request-meter.ts';
import { gauged } from '../service/gauge.ts';
import type { JobBook, JobRecord } from './job-book.ts';
import type { OpenStore } from './open-store.ts';

/** Seconds: a lookup takes a millisecond, a push of many signatures some seconds. */
const BUCKETS = [0.001, 0.005, 0.02, 0.1, 0.5, 2, 10];

const METHODS: ReadonlySet<string> = new Set(['GET', 'HEAD', 'POST', 'PUT', 'OPTIONS']);

export class ServerMetrics implements RequestMeter {
  readonly #registry = new Registry();
  readonly #requests: Counter<'route' | 'method' | 'status'>;
  readonly #seconds: Histogram<'route'>;
  readonly #pushes: Counter<'outcome'>;
  readonly now: () => number;

  /** `now` gives milliseconds that never go back. */
  constructor(now: () => number) {
    this.now = now;
    const registers = [this.#registry];
    this.#requests = new Counter({
      name: 'vouch_keystore_requests_total',
      help: 'Requests answered.',
      labelNames: ['route', 'method', 'status'],
      registers,
    });
    this.#seconds = new Histogram({
      name: 'vouch_keystore_request_seconds',
      help: 'Time to an answer.',
      labelNames: ['route'],
      buckets: BUCKETS,
      registers,
    });
    this.#pushes = new Counter({
      name: 'vouch_keystore_pushes_total',
      help: 'Certificates and revocations that were offered, by what became of them.',
      labelNames: ['outcome'],
      registers,
    });
    collectDefaultMetrics({ register: this.#registry });
  }

  /** Figures that others keep; asked whenever metrics are. */
  watch(store: OpenStore, book: JobBook): void {
    const registers = [this.#registry];
    gauged(registers, 'vouch_keystore_certificates', 'Certificates held.', [], async () => [
      { labels: {}, value: (await store.keystore.status()).certificates },
    ]);
    gauged(registers, 'vouch_keystore_changes', 'Sequence of the newest change.', [], async () => [
      { labels: {}, value: (await store.keystore.status()).sequence },
    ]);
    gauged(registers, 'vouch_keystore_bytes', 'Octets of the store on the disk.', [], async () => {
      const octets = await store.octets();
      return octets === undefined ? [] : [{ labels: {}, value: octets }];
    });
    const ended = 'When a job last ended well.';
    gauged(registers, 'vouch_keystore_job_last_success_timestamp_seconds', ended, ['job'], async () =>
      (await recordsOf(book)).flatMap(({ job, record }) => {
        const time = record?.lastSuccess;
        return time === undefined ? [] : [{ labels: { job }, value: time / 1000 }];
      }),
    );
    const failed = '1 when the last run of a job failed.';
    gauged(registers, 'vouch_keystore_job_failed', failed, ['job'], async () =>
      (await recordsOf(book)).map(({ job, record }) => ({
        labels: { job },
        value: record?.ok === false ? 1 : 0,
      })),
    );
  }

  count(route: string, method: string, status: number, milliseconds: number): void {
    this.#requests.inc({ route, method: METHODS.has(method) ? method : 'other', status: String(status) });
    this.#seconds.observe({ route }, milliseconds / 1000);
  }

  /** Counts what becomes of pushes. */
  counted(submit: Submit): Submit {
    return async (keyring, options) => {
      const report = await submit(keyring, options).catch((error: unknown) => {
        this.#pushes.inc({ outcome: 'refused' });
        throw error;
      });
      for (const { outcome } of report.accepted) this.#pushes.inc({ outcome });
      for (const _ of report.refused) this.#pushes.inc({ outcome: 'refused' });
      return report;
    };
  }

  /** `/metrics`, for a listener of its own. */
  app(): Koa {
    const app = new Koa();
    app.use(async (ctx) => {
      if (ctx.path !== '/metrics' || (ctx.method !== 'GET' && ctx.method !== 'HEAD')) return;
      ctx.set('Cache-Control', 'no-store');
      ctx.type = this.#registry.contentType;
      ctx.body = await this.#registry.metrics();
    });
    return app;
  }
}

async function recordsOf(
  book: JobBook,
): Promise<readonly { readonly job: string; readonly record: JobRecord | undefined }[]> {
  return Promise.all(book.names.map(async (job) => ({ job, record: await book.record(job) })));
}
