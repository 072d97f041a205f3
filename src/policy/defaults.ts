/* What holds when a policy does not say; and what a level means for each check. */
import type { Action, Binding, Check, Fallback, Level, Mode, Semantics } from './policy.ts';

export interface Manner {
  readonly mode: Mode;
  readonly level: Level;
  readonly semantics: Semantics;
  readonly min_binding: Binding;
  readonly on_undetermined: Fallback;
  readonly max_staleness: number;
}

export const DEFAULT_MANNER: Manner = {
  mode: 'enforce',
  level: 'strict',
  semantics: 'rfc9580',
  /*
   * The weakest binding at which a changed file is noticed. A network file system gives only "path": whoever runs
   * images from there has to write that down.
   */
  min_binding: 'identity',
  on_undetermined: 'refuse',
  max_staleness: 72 * 3600,
};

export const DEFAULT_CLOCK_SKEW = 300;

type Actions = Readonly<Record<Check, Action>>;

// No transparency log is followed: there is nothing that could be enforced.
const STRICT: Actions = {
  integrity: 'enforce',
  coverage: 'enforce',
  authenticity: 'enforce',
  revocation: 'enforce',
  expiry: 'enforce',
  freshness: 'enforce',
  transparency: 'skip',
  binding: 'enforce',
  window: 'enforce',
};

export const LEVEL_ACTIONS: Readonly<Record<Level, Actions>> = {
  strict: STRICT,
  permissive: { ...STRICT, freshness: 'warn' },
  'audit-only': {
    integrity: 'enforce',
    coverage: 'warn',
    authenticity: 'warn',
    revocation: 'warn',
    expiry: 'warn',
    freshness: 'warn',
    transparency: 'skip',
    binding: 'warn',
    window: 'warn',
  },
};

/** Without these a rule that enforces would enforce nothing. */
export const CORE_CHECKS: readonly Check[] = ['integrity', 'coverage', 'authenticity'];
