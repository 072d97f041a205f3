/* What Prometheus is told. No label has a path or a user in it: there may be any number of those. */
import { collectDefaultMetrics, Counter, Histogram, Registry } from 'prom-client';
import type { Decision } from '../admission/decision.ts';
import type { ReaderCounters } from '../admission/image/image-reader.ts';
import type { KeyBookStatus, KeyStatus } from '../admission/keys/managed-key-book.ts';
import { counted, gauged } from '../service/gauge.ts';
import type { Sample } from '../service/gauge.ts';
import type { JobStatus } from '../service/schedule.ts';
import type { PolicyStatus } from './policy-keeper.ts';

/** Where numbers come from that others count; asked whenever metrics are. */
export interface MetricSources {
  readonly reader: () => ReaderCounters;
  /** As of now. */
  readonly keys: () => KeyBookStatus;
  readonly policy: () => PolicyStatus | undefined;
  readonly policyFailures: () => number;
  readonly refreshFailures: () => number;
  readonly logFailures: () => number;
  readonly jobs: () => readonly JobStatus[];
  /** Milliseconds since 1970. */
  readonly now: () => number;
}

/** Seconds: a known image takes microseconds, a large new one minutes. */
const BUCKETS = [0.0001, 0.0005, 0.001, 0.005, 0.02, 0.1, 0.5, 2, 10, 60, 300];

/** Decisions that wait to be counted. */
const COUNTED_TOGETHER = 32;

export class Metrics {
  readonly #registry = new Registry();
  readonly #requests: Counter<'verdict' | 'effective' | 'rule'>;
  readonly #reasons: Counter<'code'>;
  readonly #seconds: Histogram<'cached'>;
  readonly #overloads: Counter;
  readonly #uncounted: Decision[] = [];

  constructor(sources: MetricSources) {
    const registers = [this.#registry];
    this.#requests = new Counter({
      name: 'vouch_requests_total',
      help: 'Images decided on.',
      labelNames: ['verdict', 'effective', 'rule'],
      registers,
    });
    this.#reasons = new Counter({
      name: 'vouch_reasons_total',
      help: 'Reasons given.',
      labelNames: ['code'],
      registers,
    });
    this.#seconds = new Histogram({
      name: 'vouch_request_seconds',
      help: 'Time to an answer; cached: no image was read for it.',
      labelNames: ['cached'],
      buckets: BUCKETS,
      registers,
    });
    this.#overloads = new Counter({
      name: 'vouch_overloads_total',
      help: 'Questions that found no place in the queue.',
      registers,
    });
    const { refreshFailures, logFailures } = sources;
    const refresh = 'Questions to keystores that failed.';
    counted(registers, 'vouch_refresh_failures_total', refresh, refreshFailures);
    const lines = 'Lines that could not be written to the decision log.';
    counted(registers, 'vouch_log_errors_total', lines, logFailures);
    addReader(registers, sources);
    addKeys(registers, sources);
    addPolicy(registers, sources);
    addJobs(registers, sources);
    collectDefaultMetrics({ register: this.#registry });
  }

  /** Some are counted together, which takes a fraction of the time that each alone would add to its answer. */
  decided(decision: Decision): void {
    if (this.#uncounted.push(decision) >= COUNTED_TOGETHER) this.#countAll();
  }

  #countAll(): void {
    for (const decision of this.#uncounted.splice(0)) this.#count(decision);
  }

  #count({ images, reasons, took_us: microseconds }: Decision): void {
    for (const { verdict, effective, rule = '' } of images) this.#requests.inc({ verdict, effective, rule });
    for (const { code } of reasons) this.#reasons.inc({ code });
    const cached = String(images.every((image) => image.cached));
    this.#seconds.observe({ cached }, microseconds / 1_000_000);
  }

  overloaded(): void {
    this.#overloads.inc();
  }

  async render(): Promise<{ readonly type: string; readonly text: string }> {
    this.#countAll();
    return { type: this.#registry.contentType, text: await this.#registry.metrics() };
  }
}

function addReader(registers: Registry[], { reader }: MetricSources): void {
  counted(registers, 'vouch_hash_bytes_total', 'Octets of images read.', () => reader().hashedOctets);
  const reread = 'Octets of images read again to see whether they are the same.';
  counted(registers, 'vouch_reread_bytes_total', reread, () => reader().rereadOctets);
  counted(registers, 'vouch_hashes_total', 'Images read to the end.', () => reader().hashes);
  counted(registers, 'vouch_cache_hits_total', 'Images known from before.', () => reader().hits);
  counted(registers, 'vouch_cache_misses_total', 'Images that had to be read.', () => reader().misses);
  counted(registers, 'vouch_joined_total', 'Questions that shared a reading.', () => reader().joined);
  gauged(registers, 'vouch_queue_depth', 'Images that wait to be read.', [], () => [
    { labels: {}, value: reader().queueDepth },
  ]);
}

function addKeys(registers: Registry[], { keys, now }: MetricSources): void {
  const pinned = (): readonly KeyStatus[] => keys().keys.filter((key) => key.pinned);
  const age = 'Since a keystore last answered about a key of the policy.';
  gauged(registers, 'vouch_key_age_seconds', age, ['fingerprint'], () =>
    pinned().flatMap(({ fingerprint, standing: { lastAnswer } }) =>
      lastAnswer === undefined
        ? []
        : [{ labels: { fingerprint }, value: Math.max(0, now() / 1000 - lastAnswer) }],
    ),
  );
  const state = '1 for the state that a key of the policy is in.';
  gauged(registers, 'vouch_key_state', state, ['fingerprint', 'state'], () =>
    pinned().map((key) => ({ labels: { fingerprint: key.fingerprint, state: key.state }, value: 1 })),
  );
  const up = '1 when the keystore answered the last question.';
  gauged(registers, 'vouch_keystore_up', up, ['url'], () =>
    keys().keystores.map((keystore) => ({ labels: { url: keystore.name }, value: keystore.up ? 1 : 0 })),
  );
}

function addPolicy(registers: Registry[], { policy, policyFailures }: MetricSources): void {
  gauged(registers, 'vouch_policy_info', '1 for the policy in force.', ['sha256', 'serial'], () => {
    const current = policy();
    if (current === undefined) return [];
    return [{ labels: { sha256: current.sha256, serial: String(current.serial) }, value: 1 }];
  });
  const help = 'Policies that were offered and not taken.';
  counted(registers, 'vouch_policy_reload_failures_total', help, policyFailures);
}

function addJobs(registers: Registry[], { jobs }: MetricSources): void {
  const succeeded = (): readonly Sample[] =>
    jobs().flatMap(({ name, lastSuccess }) =>
      lastSuccess === undefined ? [] : [{ labels: { job: name }, value: lastSuccess / 1000 }],
    );
  const last = 'When a job last ended well.';
  gauged(registers, 'vouch_job_last_success_timestamp_seconds', last, ['job'], succeeded);
  const sweep = 'When the last sweep ended well.';
  gauged(registers, 'vouch_sweep_last_success_timestamp_seconds', sweep, [], () =>
    succeeded().flatMap(({ labels, value }) => (labels['job'] === 'sweep' ? [{ labels: {}, value }] : [])),
  );
}
