import type { PolicyFile } from './policy-file.ts';
import type { Policy } from './policy.ts';
import { PolicyError } from './error.ts';

/**
 * The policy that files say, the first of them with `version`, `serial`, `valid_until` and `[defaults]`. Throws
 * `BAD_SYNTAX`, `UNKNOWN_KEY`, `BAD_VALUE` or `INCONSISTENT`; the message has a line for every fault:
 * `file:line: path.of.key: what is wrong and what to do`.
 */
export function parsePolicy(files: readonly PolicyFile[]): Policy {
  throw new PolicyError('BAD_SYNTAX', `${files.length} files`);
}
