/* What is told of the daemon itself: whether it is ready, how it is, and numbers. */
import type { ImageReader } from '../admission/image/image-reader.ts';
import type { StaleKey } from '../admission/keys/key-staleness.ts';
import type { ManagedKeyBook } from '../admission/keys/managed-key-book.ts';
import type { DecisionLog } from '../admission/log/record.ts';
import type { DaemonConfig } from '../config/daemon-config.ts';
import type { Policy } from '../policy/policy.ts';
import type { JobStatus } from '../service/schedule.ts';
import type { Metrics } from './metrics.ts';
import type { Parts } from './open-parts.ts';
import type { PolicyKeeper } from './policy-keeper.ts';
import { statusAnswer } from './status-answer.ts';
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
  /** Why no thread reads images. */
  readonly threadsProblem: () => string | undefined;
  /** Keys of the policy about which nothing was heard for long. */
  readonly staleKeys: () => readonly StaleKey[];
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
    status: () => statusAnswer(parts, { started, problems: problemsOf(parts) }),
    metrics: () => parts.metrics.render(),
  };
}

/** What is before a colon is for everybody, what is behind it for the daemon's own user. */
function problemsOf(parts: ObserverParts): readonly string[] {
  const found: readonly (readonly [string, string | undefined])[] = [
    ['no policy is loaded', parts.policy() === undefined ? noPolicy(parts) : undefined],
    ['the policy is over', over(parts)],
    ['the keys of this host cannot be read', parts.keysProblem()],
    ['no thread can read images', parts.threadsProblem()],
    ['the decision log cannot be written', parts.logProblem()],
  ];
  return found.flatMap(([what, why]) => (why === undefined ? [] : [`${what}: ${why}`]));
}

function noPolicy({ policies }: ObserverParts): string {
  return policies.problem?.message ?? 'none was offered yet';
}

function over({ policy, now }: ObserverParts): string | undefined {
  const { validUntil = Infinity } = policy() ?? {};
  return validUntil * 1000 <= now() ? `since ${new Date(validUntil * 1000).toISOString()}` : undefined;
}
