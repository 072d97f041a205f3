/* Who has signed everything, and whether that is enough. */
import type { Requirement } from './policy.ts';
import type { ThresholdVerdict } from './verdict.ts';
import type { Vote } from './votes.ts';

/**
 * Names of the signers who count: those with one primary key whose signatures together cover every object.
 * However many keys a signer has, the name is there once. No objects: nobody counts.
 */
export function signersOf(votes: readonly Vote[], required: readonly number[]): ReadonlySet<string> {
  const covered = new Map<string, Set<number>>();
  const complete = new Set<string>();
  for (const { signer, key, signature } of votes) {
    const objects = covered.get(key.fingerprint) ?? new Set<number>();
    covered.set(key.fingerprint, objects);
    for (const id of signature.covers) objects.add(id);
    if (required.length > 0 && required.every((id) => objects.has(id))) complete.add(signer.name);
  }
  return complete;
}

export function isMet({ members, threshold, must }: Requirement, signers: ReadonlySet<string>): boolean {
  const have = members.filter((name) => signers.has(name)).length;
  return members.length > 0 && have >= Math.max(1, threshold) && must.every((name) => signers.has(name));
}

export function thresholdVerdict(
  { members, threshold, must }: Requirement,
  signers: ReadonlySet<string>,
): ThresholdVerdict {
  return {
    need: threshold,
    have: members.filter((name) => signers.has(name)).length,
    must,
    missing: must.filter((name) => !signers.has(name)),
  };
}
