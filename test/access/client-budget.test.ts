import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { ClientBudget } from '../../src/access/client-budget.ts';
import { MAX_COUNTERS } from '../../src/access/limits.ts';

describe('a budget', () => {
  beforeEach(() => {
    vi.useFakeTimers();
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  it('is used up by its number of requests, for the rest of its window', () => {
    const budget = new ClientBudget({ requests: 2, seconds: 10 });
    expect(budget.spend('a')).toBeUndefined();
    expect(budget.spend('a')).toBeUndefined();
    vi.advanceTimersByTime(4_000);
    expect(budget.spend('a')).toBe(6_000);
  });

  it('is whole again after its window, however often it was asked in vain', () => {
    const budget = new ClientBudget({ requests: 1, seconds: 10 });
    for (let count = 0; count < 100; count += 1) budget.spend('a');
    vi.advanceTimersByTime(10_000);
    expect(budget.spend('a')).toBeUndefined();
  });

  it('is kept for each counter by itself', () => {
    const budget = new ClientBudget({ requests: 1, seconds: 10 });
    expect(budget.spend('a')).toBeUndefined();
    expect(budget.spend('b')).toBeUndefined();
    expect(budget.spend('a')).toBe(10_000);
  });
});

describe('counters', () => {
  it('are bounded in number, whatever the number of clients', () => {
    const budget = new ClientBudget({ requests: 1, seconds: 10 });
    const counters = new Set<string>();
    for (let client = 0; client < 100_000; client += 1) counters.add(budget.counterOf(`client ${client}`));
    expect(counters.size).toBeLessThanOrEqual(MAX_COUNTERS);
    expect(counters.size).toBeGreaterThan(MAX_COUNTERS / 2);
  });

  it('are the same for a client each time, and not to be foretold by another process', () => {
    const one = new ClientBudget({ requests: 1, seconds: 10 });
    const other = new ClientBudget({ requests: 1, seconds: 10 });
    const clients = Array.from({ length: 10 }, (_, index) => `192.0.2.${index}`);
    const of = (budget: ClientBudget): string => clients.map((client) => budget.counterOf(client)).join(' ');
    expect(of(one)).toBe(of(one));
    expect(of(one)).not.toBe(of(other));
  });
});
