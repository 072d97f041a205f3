/*
 * Checks that take votes away, one after another. Two sets of votes shrink: `sure`, without what is struck and
 * what is doubtful, and `possible`, only without what is struck. A check fails when the requirement could be met
 * before it and cannot after it; it is undetermined when it was surely met before it and is not after it.
 */
import { reasonsOf, skipped } from './check-result.ts';
import type { CheckResult } from './check-result.ts';
import type { Action, Check, Requirement } from './policy.ts';
import { KEEP } from './ruling.ts';
import type { Ruling } from './ruling.ts';
import { isMet, signersOf } from './threshold.ts';
import type { Reason } from './verdict.ts';
import type { Vote } from './votes.ts';

export interface Stage {
  readonly check: Check;
  readonly action: Action;
  readonly judge: (vote: Vote) => Ruling;
}

export interface Stages {
  readonly results: readonly CheckResult[];
  /** Votes that no enforced check strikes or doubts. */
  readonly standing: readonly Vote[];
}

/** What is asked of the votes: enough signers for every object. */
export interface Quorum {
  readonly requirement: Requirement;
  /** IDs of the objects that have to be signed. */
  readonly required: readonly number[];
}

interface Judged {
  readonly check: Check;
  readonly vote: Vote;
  readonly ruling: Ruling;
}

type Outcome = 'pass' | 'fail' | 'undetermined';

export function runStages(stages: readonly Stage[], votes: readonly Vote[], quorum: Quorum): Stages {
  let sure = votes;
  let possible = votes;
  let standing = votes;
  // Doubts that made no difference when they came up, and may later.
  const doubted: Judged[] = [];
  const results: CheckResult[] = [];
  for (const { check, action, judge } of stages) {
    if (action === 'skip') {
      results.push(skipped(check));
      continue;
    }
    const judged = votes.map((vote) => ({ check, vote, ruling: judge(vote) }));
    if (judged.every(({ ruling }) => ruling === KEEP)) {
      results.push({ check, action, outcome: 'pass', reasons: [] });
      continue;
    }
    const struck = votesWith(judged, 'strike');
    const unclear = votesWith(judged, 'doubt');
    const possibleAfter = possible.filter((vote) => !struck.has(vote));
    const sureAfter = sure.filter((vote) => !struck.has(vote) && !unclear.has(vote));
    const outcome = outcomeOf(quorum, [possible, possibleAfter], [sure, sureAfter]);
    const lost =
      outcome === 'fail' ? missing(quorum, possible, possibleAfter) : missing(quorum, sure, sureAfter);
    const decisive = action === 'enforce' && outcome !== 'pass' ? lost : new Set<string>();
    const earlier = outcome === 'undetermined' && decisive.size > 0 ? doubted : [];
    results.push({
      check,
      action,
      outcome,
      reasons: [
        ...earlier.flatMap(({ check: its, ruling }) => reasonsOf(its, 'enforce', ruling.notes.slice(0, 1))),
        ...judged.flatMap((one) => tell(one, decisive, outcome)),
      ],
    });
    if (action !== 'enforce') continue;
    standing = standing.filter((vote) => !struck.has(vote) && !unclear.has(vote));
    // What failed is told; the checks behind it are told as if it had not, so that nothing stays hidden.
    if (outcome !== 'fail') possible = possibleAfter;
    if (outcome === 'pass') sure = sureAfter;
    doubted.push(...judged.filter(({ ruling }) => ruling.effect === 'doubt'));
  }
  return { results, standing };
}

function outcomeOf(
  { requirement, required }: Quorum,
  possible: readonly [before: readonly Vote[], after: readonly Vote[]],
  sure: readonly [before: readonly Vote[], after: readonly Vote[]],
): Outcome {
  const met = (votes: readonly Vote[]): boolean => isMet(requirement, signersOf(votes, required));
  if (met(possible[0]) && !met(possible[1])) return 'fail';
  return met(sure[0]) && !met(sure[1]) ? 'undetermined' : 'pass';
}

/** Names of the signers who counted before and do not after. */
function missing({ required }: Quorum, before: readonly Vote[], after: readonly Vote[]): ReadonlySet<string> {
  const left = signersOf(after, required);
  return new Set([...signersOf(before, required)].filter((name) => !left.has(name)));
}

/** A note decides when its vote was needed; else it is only told. */
function tell(
  { check, vote, ruling }: Judged,
  decisive: ReadonlySet<string>,
  outcome: Outcome,
): readonly Reason[] {
  const cause = outcome === 'fail' ? 'strike' : 'doubt';
  const needed = ruling.effect === cause && decisive.has(vote.signer.name);
  const [first, ...others] = ruling.notes;
  if (first === undefined) return [];
  // The first note is why; the others should be known beside it.
  return [...reasonsOf(check, needed ? 'enforce' : 'warn', [first]), ...reasonsOf(check, 'warn', others)];
}

function votesWith(judged: readonly Judged[], effect: Ruling['effect']): ReadonlySet<Vote> {
  return new Set(judged.filter(({ ruling }) => ruling.effect === effect).map(({ vote }) => vote));
}
