import { reasonsOf } from './check-result.ts';
import type { CheckResult, Note } from './check-result.ts';
import type { Check, Rule } from './policy.ts';

/** Checks whose passing depends on the time. Their failing does not: a clock that went back makes keys younger. */
const TIMED: readonly Check[] = ['expiry', 'freshness', 'window'];

export const CLOCK_NOTE: Note = {
  code: 'CLOCK_SUSPECT',
  text: 'the clock of this host went backwards, so nobody can tell what has expired or is out of date',
  fix: 'set the clock; decisions go on when it has caught up',
};

/** The results while the clock cannot be trusted: what passed by the time of day is undetermined. */
export function distrustClock(results: readonly CheckResult[], { level }: Rule): readonly CheckResult[] {
  const doubted = results.filter(({ check, outcome }) => TIMED.includes(check) && outcome === 'pass');
  const spoken =
    doubted.find(({ action }) => action === 'enforce' && level !== 'permissive') ?? doubted.at(0);
  return results.map((result) => {
    if (!doubted.includes(result)) return result;
    const action = level === 'permissive' || result.action !== 'enforce' ? 'warn' : 'enforce';
    const told = result === spoken ? reasonsOf(result.check, action, [CLOCK_NOTE]) : [];
    return { ...result, action, outcome: 'undetermined', reasons: [...result.reasons, ...told] };
  });
}
