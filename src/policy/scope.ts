import { indexOf } from './policy-index.ts';
import type { RuleScope } from './policy-index.ts';
import type { Policy, Rule } from './policy.ts';

const SLASH = 0x2f;

/** Absolute, without components that are empty, `.` or `..`. */
const REAL = /^(?:\/(?!\.{1,2}(?:\/|$))[^/]+)+$/;

/**
 * The rule for the image at `path`: the one with the longest scope that the path lies in, alone, or else the one
 * without a scope. `path` is the real path of the opened file; one that cannot be real (not absolute, with `.`,
 * `..` or empty components) is in no rule, because nobody can tell where it leads.
 */
export function ruleFor(policy: Policy, path: Uint8Array): Rule | undefined {
  const octets = Buffer.from(path.buffer, path.byteOffset, path.byteLength);
  if (!isReal(octets)) return undefined;
  let best: Rule | undefined;
  let longest = -1;
  for (const scope of indexOf(policy).scopes) {
    const length = lengthOfMatch(scope, octets);
    if (length <= longest) continue;
    best = scope.rule;
    longest = length;
  }
  return best;
}

/** Octets of the folder with its final slash when the path lies in it; 0 without a folder; -1: it does not. */
function lengthOfMatch({ rule, folder }: RuleScope, path: Buffer): number {
  if (folder === undefined) return 0;
  // Whole components: /data/ok is no folder of /data/okEVIL/x.sif (CVE-2026-47215, CVE-2026-48785).
  if (path.length > folder.length && path[folder.length] !== SLASH) return -1;
  if (!rule.recursive && path.lastIndexOf(SLASH) !== folder.length) return -1;
  return path.subarray(0, folder.length).equals(folder) ? folder.length + 1 : -1;
}

function isReal(path: Buffer): boolean {
  // Octets as characters: components are compared, not read.
  return REAL.test(path.toString('latin1'));
}
