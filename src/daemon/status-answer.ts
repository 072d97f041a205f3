import type { ReaderCounters } from '../admission/image/image-reader.ts';
import type { StaleKey } from '../admission/keys/key-staleness.ts';
import { durationText } from '../duration.ts';
import type { JobStatus } from '../service/schedule.ts';
import { keystoreAnswer } from './keys-answer.ts';
import type { ObserverParts } from './observer.ts';

export interface StatusNews {
  /** Milliseconds since 1970. */
  readonly started: number;
  /** What keeps the daemon from deciding. */
  readonly problems: readonly string[];
}

/** How the daemon is, as the API tells it. */
export function statusAnswer(parts: ObserverParts, { started, problems }: StatusNews): unknown {
  const { config, images, policies, now } = parts;
  const keys = parts.keys.status(Math.floor(now() / 1000));
  return {
    version: parts.version,
    started_at: iso(started),
    ready: problems.length === 0,
    problems,
    warnings: parts.staleKeys().map(staleWarning),
    policy: policies.status ?? null,
    ...(policies.problem && { policy_problem: policies.problem }),
    keys: {
      epoch: keys.epoch,
      pinned: keys.keys.filter(({ pinned }) => pinned).length,
      local: keys.keys.filter(({ local }) => local).length,
      keystores: keys.keystores.map(keystoreAnswer),
    },
    images: countersAnswer(images.counters),
    log: { folder: config.log.folder, position: parts.decisions.position },
    sockets: { admin: config.socket, callers: parts.callers(), public: config.publicSocket },
    clock_suspect: parts.clockSuspect(),
    jobs: parts.jobs().map(jobAnswer),
  };
}

/** As a sentence: what an operator should see before images are refused for it. */
function staleWarning({ fingerprint, signers, age, allowed, percent }: StaleKey): string {
  const since = age === undefined ? 'ever answered' : `answered for ${ageText(age)}`;
  const whose = `the key ${fingerprint} of ${signers.join(', ')}`;
  const bound = `${durationText(allowed * 1000)} ${percent === 100 ? 'were' : 'are'} allowed`;
  return `no keystore has ${since} about ${whose}; ${bound}`;
}

/** In the largest unit of which there are two. */
function ageText(seconds: number): string {
  const unit = [86_400, 3600, 60].find((size) => seconds >= 2 * size) ?? 1;
  return durationText(Math.floor(seconds / unit) * unit * 1000);
}

function countersAnswer({ hashedOctets, rereadOctets, queueDepth, ...counters }: ReaderCounters): unknown {
  return {
    ...counters,
    hashed_bytes: hashedOctets,
    reread_bytes: rereadOctets,
    queue_depth: queueDepth,
  };
}

function jobAnswer({ lastSuccess, ...job }: JobStatus): unknown {
  return { ...job, ...(lastSuccess !== undefined && { last_success: iso(lastSuccess) }) };
}

function iso(milliseconds: number): string {
  return new Date(milliseconds).toISOString();
}
