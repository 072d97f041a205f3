/* What Prometheus is told. No label has anything in it that a client chose. */
import Koa from 'koa';
import { collectDefaultMetrics, Counter, Histogram, Registry } from 'prom-client';
import type { Submit } from '../hkp/submission.ts';
import type { RequestMeter } from '../http/request-meter.ts';
import { KeystoreError } from '../keystore/error.ts';
import { gauged } from '../service/gauge.ts';
import type { Sample } from '../service/gauge.ts';
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
    const figures = (name: string, help: string, labels: string[], samples: Samples): void =>
      void gauged([this.#registry], name, help, labels, () => ofAnsweringStore(samples));
    gauged(
      [this.#registry],
      'vouch_keystore_ready',
      '1 when the store answers and takes pushes.',
      [],
      async () => [{ labels: {}, value: await isReady(store) }],
    );
    figures('vouch_keystore_certificates', 'Certificates held.', [], async () => [
      { labels: {}, value: (await store.keystore.status()).certificates },
    ]);
    figures('vouch_keystore_changes', 'Sequence of the newest change.', [], async () => [
      { labels: {}, value: (await store.keystore.status()).sequence },
    ]);
    figures('vouch_keystore_bytes', 'Octets of the store on the disk.', [], async () => {
      const octets = await store.octets();
      return octets === undefined ? [] : [{ labels: {}, value: octets }];
    });
    const ended = 'When a job last ended well.';
    figures('vouch_keystore_job_last_success_timestamp_seconds', ended, ['job'], async () =>
      (await recordsOf(book)).flatMap(({ job, record }) => {
        const time = record?.lastSuccess;
        return time === undefined ? [] : [{ labels: { job }, value: time / 1000 }];
      }),
    );
    const failed = '1 when the last run of a job failed.';
    figures('vouch_keystore_job_failed', failed, ['job'], async () =>
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

type Samples = () => Promise<readonly Sample[]>;

/** What the store does not tell is left out: other metrics are wanted most while it is away. */
async function ofAnsweringStore(samples: Samples): Promise<readonly Sample[]> {
  try {
    return await samples();
  } catch (error) {
    if (error instanceof KeystoreError) return [];
    throw error;
  }
}

async function isReady({ keystore }: OpenStore): Promise<0 | 1> {
  return keystore.ready().then(
    () => 1,
    () => 0,
  );
}
