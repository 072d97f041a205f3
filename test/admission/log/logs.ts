import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Decision, ImageDecision } from '../../../src/admission/decision.ts';
import type { AdmissionError } from '../../../src/admission/error.ts';
import { openDecisionLog } from '../../../src/admission/log/decision-log.ts';
import type { DecisionLogOptions } from '../../../src/admission/log/decision-log.ts';
import type { LogDisk } from '../../../src/admission/log/log-disk.ts';
import type { DecisionLog, LogEvent, LogRecord } from '../../../src/admission/log/record.ts';

export const START = Date.parse('2026-11-22T12:00:00Z');
export const DIGEST = 'ab'.repeat(32);
export const ALICE = 'A11CE'.padEnd(40, '0');

export function image(given: Partial<ImageDecision> = {}): ImageDecision {
  return {
    path: '/srv/containers/app.sif',
    rule: 'prod',
    verdict: 'admit',
    effective: 'admit',
    sha256: DIGEST,
    binding: 'identity',
    cached: false,
    reasons: [],
    signers: [
      {
        name: 'alice',
        fingerprint: ALICE,
        source: 'LOCAL',
        keyState: 'good',
        firstSeen: START / 1000,
        objects: [1, 2],
        counts: true,
      },
    ],
    ...given,
  };
}

export function decision(given: Partial<Decision> = {}): Decision {
  return {
    api: 1,
    decision_id: 'd1',
    time: new Date(START).toISOString(),
    verdict: 'admit',
    effective: 'admit',
    mode: 'enforce',
    reasons: [],
    images: [image()],
    policy: { sha256: 'cd'.repeat(32), serial: 7 },
    keys_epoch: 1,
    caller: { uid: 1000, attested: 'socket' },
    took_us: 41,
    ...given,
  };
}

export function decided(given: Partial<Decision> = {}): LogRecord {
  return { kind: 'decision', decision: decision(given) };
}

export function event(name: LogEvent, fields: Record<string, unknown> = {}): LogRecord {
  return { kind: 'event', event: name, time: new Date(START).toISOString(), fields };
}

/** A log that is closed and removed with its folder. */
export interface LogFolder {
  readonly folder: string;
  readonly problems: AdmissionError[];
  /** Milliseconds since 1970; tests set it. */
  time: number;
  readonly open: (options?: Partial<DecisionLogOptions>, disk?: LogDisk) => Promise<DecisionLog>;
  readonly newest: () => Promise<Buffer>;
}

export async function withLogFolder<T>(use: (log: LogFolder) => Promise<T>): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), 'vouch-log-'));
  const opened: DecisionLog[] = [];
  const log: LogFolder = {
    folder,
    problems: [],
    time: START,
    open: async (options = {}, disk?) => {
      const one = await openDecisionLog(
        folder,
        {
          now: () => log.time,
          origin: 'host.example.org',
          sync: 'batched',
          rotateOctets: 1024 ** 3,
          keep: 0,
          checkpointEvery: 3_600_000,
          onProblem: (problem) => log.problems.push(problem),
          ...options,
        },
        disk,
      );
      opened.push(one);
      return one;
    },
    newest: () => readFile(join(folder, 'decisions.jsonl')),
  };
  try {
    return await use(log);
  } finally {
    await Promise.allSettled(opened.map((one) => one.close()));
    await rm(folder, { recursive: true, force: true });
  }
}

/** The lines of a file as JSON gives them. */
export function parsed(octets: Buffer): Record<string, unknown>[] {
  return octets
    .toString()
    .split('\n')
    .filter((line) => line !== '')
    .map((line): Record<string, unknown> => JSON.parse(line));
}
