/* What is told of the daemon itself: whether it is ready, how it is, and numbers. */
import type { ImageReader } from '../admission/image/image-reader.ts';
import type { ManagedKeyBook } from '../admission/keys/managed-key-book.ts';
import type { DecisionLog } from '../admission/log/record.ts';
import type { DaemonConfig } from '../config/daemon-config.ts';
import type { Policy } from '../policy/policy.ts';
import type { JobStatus } from '../service/schedule.ts';
import type { Metrics } from './metrics.ts';
import type { Parts } from './open-parts.ts';
import type { PolicyKeeper } from './policy-keeper.ts';
import type { Observer } from './trust-service.ts';

export interface ObserverParts {
  readonly config: DaemonConfig;
  /** Of this program, without a `v`. */
  readonly version: string;
  readonly metrics: Metrics;
  readonly policies: Pick<PolicyKeeper, 'status' | 'problem'>;
  readonly policy: () => Policy | undefined;
  readonly keys: Pick<ManagedKeyBook, 'status'>;
  readonly images: Pick<ImageReader, 'counters'>;
  readonly decisions: Pick<DecisionLog, 'position'>;
  /** Why the last line of the decision log could not be written. */
  readonly logProblem: () => string | undefined;
  /** Why the keys of this host could not be read. */
  readonly keysProblem: () => string | undefined;
  readonly clockSuspect: () => boolean;
  readonly event: Parts['event'];
  readonly jobs: () => readonly JobStatus[];
  /** Users with a socket. */
  readonly callers: () => readonly number[];
  /** Milliseconds since 1970. */
  readonly now: () => number;
}

/** Milliseconds between two events of overload. */
const OVERLOAD_SILENCE = 60_000;

export function observe(parts: ObserverParts): Observer {
  const started = parts.now();
  let toldOverload = -Infinity;
  return {
    decided: (decision) => parts.metrics.decided(decision),
    overloaded: () => {
      parts.metrics.overloaded();
      // One event stands for many: whoever overloads the queue must not flood the log as well.
      if (parts.now() - toldOverload < OVERLOAD_SILENCE) return;
      toldOverload = parts.now();
      void parts.event('overload', { queue: parts.images.counters.queueDepth });
    },
    problems: () => problemsOf(parts),
    status: () => statusOf(parts, started),
    metrics: () => parts.metrics.render(),
  };
}

/** What is before a colon is for everybody, what is behind it for the daemon's own user. */
function problemsOf({ policies, policy, now, logProblem, keysProblem }: ObserverParts): readonly string[] {
  const problems: string[] = [];
  const current = policy();
  if (current === undefined) {
    problems.push(`no policy is loaded: ${policies.problem?.message ?? 'none was offered yet'}`);
  } else if (current.validUntil !== undefined && current.validUntil * 1000 <= now()) {
    problems.push(`the policy is over: since ${new Date(current.validUntil * 1000).toISOString()}`);
  }
  const keys = keysProblem();
  if (keys !== undefined) problems.push(`the keys of this host cannot be read: ${keys}`);
  const log = logProblem();
  if (log !== undefined) problems.push(`the decision log cannot be written: ${log}`);
  return problems;
}

function statusOf(parts: ObserverParts, started: number): unknown {
  const { config, images, policies, now } = parts;
  const keys = parts.keys.status(Math.floor(now() / 1000));
  const problems = problemsOf(parts);
  return {
    version: parts.version,
    started_at: new Date(started).toISOString(),
    ready: problems.length === 0,
    problems,
    policy: policies.status ?? null,
    ...(policies.problem && { policy_problem: policies.problem }),
    keys: {
      epoch: keys.epoch,
      pinned: keys.keys.filter(({ pinned }) => pinned).length,
      local: keys.keys.filter(({ local }) => local).length,
      keystores: keys.keystores,
    },
    images: images.counters,
    log: { folder: config.log.folder, position: parts.decisions.position },
    sockets: {
      admin: config.socket,
      callers: parts.callers(),
      public: config.publicSocket,
    },
    clock_suspect: parts.clockSuspect(),
    jobs: parts.jobs().map(({ lastSuccess, ...job }) => ({
      ...job,
      ...(lastSuccess !== undefined && { last_success: new Date(lastSuccess).toISOString() }),
    })),
  };
}
