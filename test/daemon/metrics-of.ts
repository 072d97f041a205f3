import { Metrics, type MetricSources } from '../../src/daemon/metrics.ts';

/** Of a daemon that has no policy and no keys, and reads images with these counters. */
export function metricsOf(counters: ReturnType<MetricSources['reader']>, now: number): Metrics {
  return new Metrics({
    reader: () => counters,
    keys: () => ({ epoch: 1, keys: [], keystores: [] }),
    policy: () => undefined,
    policyFailures: () => 0,
    refreshFailures: () => 0,
    logFailures: () => 0,
    jobs: () => [],
    now: () => now,
  });
}
