import { beforeEach, describe, expect, it } from 'vitest';
import type { ChangedDecision } from '../../src/admission/admission.ts';
import { Reevaluation } from '../../src/admission/reevaluation.ts';

const CHANGE: ChangedDecision = {
  before: {
    path: Buffer.from('/srv/a.sif'),
    sha256: 'ab'.repeat(32),
    binding: 'identity',
    verdict: 'admit',
    effective: 'admit',
    time: '2026-11-22T00:00:00.000Z',
  },
  after: {
    path: '/srv/a.sif',
    rule: 'prod',
    verdict: 'refuse',
    effective: 'refuse',
    binding: 'identity',
    cached: true,
    reasons: [{ code: 'KEY_REVOKED_HARD', action: 'enforce', text: 'revoked' }],
    signers: [],
  },
};

let epoch: number;
let changed: readonly ChangedDecision[];
let compared: number;
let events: [string, Readonly<Record<string, unknown>>][];
let round: Reevaluation;

beforeEach(() => {
  epoch = 1;
  changed = [CHANGE];
  compared = 0;
  events = [];
  round = new Reevaluation({
    admission: {
      policy: undefined,
      compare: () => {
        compared += 1;
        return Promise.resolve({ considered: 1, changed });
      },
    },
    epoch: () => epoch,
    event: (event, fields) => {
      events.push([event, fields]);
      return Promise.resolve();
    },
  });
});

describe('Reevaluation', () => {
  it('does nothing while neither policy nor keys change', async () => {
    expect(await round.run()).toBe(0);
    expect(compared).toBe(0);
  });

  it('AD11 tells which images would be answered otherwise, each change of mind once', async () => {
    epoch = 2;
    expect(await round.run()).toBe(1);
    epoch = 3;
    expect(await round.run()).toBe(0);
    expect(events).toEqual([
      [
        'decision_changed',
        expect.objectContaining({
          path: '/srv/a.sif',
          rule: 'prod',
          after: { verdict: 'refuse', effective: 'refuse' },
          codes: ['KEY_REVOKED_HARD'],
        }),
      ],
    ]);
  });

  it('tells again of what changed back and forth', async () => {
    epoch = 2;
    await round.run();
    changed = [];
    epoch = 3;
    await round.run();
    changed = [CHANGE];
    epoch = 4;
    expect(await round.run()).toBe(1);
  });
});
