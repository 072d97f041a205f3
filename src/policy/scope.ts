import type { Policy, Rule } from './policy.ts';

const SLASH = 0x2f;

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
  for (const rule of policy.rules) {
    const length = lengthOfMatch(rule, octets);
    if (length === undefined || length <= longest) continue;
    best = rule;
    longest = length;
  }
  return best;
}

/** Octets of the scope when the path lies in it. Undefined when it does not; 0 for a rule without a scope. */
function lengthOfMatch(rule: Rule, path: Buffer): number | undefined {
  if (rule.scope === undefined) return 0;
  const folder = Buffer.from(rule.scope === '/' ? '' : rule.scope);
  // Whole components: /data/ok is no folder of /data/okEVIL/x.sif (CVE-2026-47215, CVE-2026-48785).
  if (!path.subarray(0, folder.length).equals(folder)) return undefined;
  if (path.length > folder.length && path[folder.length] !== SLASH) return undefined;
  if (!rule.recursive && path.lastIndexOf(SLASH) !== folder.length) return undefined;
  return Buffer.byteLength(rule.scope);
}

function isReal(path: Buffer): boolean {
  // Octets as characters: components are compared, not read.
  const [first, ...components] = path.toString('latin1').split('/');
  return first === '' && components.length > 0 && !components.some((name) => ['', '.', '..'].includes(name));
}
