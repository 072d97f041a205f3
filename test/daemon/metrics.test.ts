import { describe, expect, it } from 'vitest';
import { decision, REVOKED } from './fake-service.ts';
import { metricsOf } from './metrics-of.ts';

const UNUSED = { hashedOctets: 0, hashes: 0, rereadOctets: 0, hits: 0, misses: 0, joined: 0, queueDepth: 0 };

describe('Metrics', () => {
  it.each([1, 31, 32, 33, 100])('have every decision in them when they are asked for: %i', async (count) => {
    const counted = metricsOf(UNUSED, 0);
    const refused = decision({ verdict: 'refuse', effective: 'refuse', reasons: [REVOKED] });
    for (let i = 0; i < count; i += 1) counted.decided(i === 0 ? refused : decision());
    for (const { text } of [await counted.render(), await counted.render()]) {
      expect(text).toContain('vouch_requests_total{verdict="refuse",effective="refuse",rule=""} 1\n');
      expect(text).toContain('vouch_reasons_total{code="KEY_REVOKED_HARD"} 1\n');
      expect(text).toContain(`vouch_request_seconds_count{cached="true"} ${count}\n`);
    }
  });
});
