import { answer, enforced, warning } from './answer.ts';
import type { Question } from './answer.ts';
import { checkAuthenticity, extraSignatureNotes } from './authenticity.ts';
import { bindingNote } from './binding.ts';
import { resultOf, skipped } from './check-result.ts';
import type { CheckResult, Note } from './check-result.ts';
import { CLOCK_NOTE, distrustClock } from './clock.ts';
import { checkCoverage, checkIntegrity, requiredObjects } from './coverage.ts';
import { denialsOf } from './denial.ts';
import type { ImageContent, ImageFacts } from './facts.ts';
import { judgeFreshness } from './freshness.ts';
import { judgeExpiry, judgeRevocation } from './key-matrix.ts';
import type { Binding, Check, Policy, Rule } from './policy.ts';
import { problemNote, problemVerdict } from './problem.ts';
import { ruleFor } from './scope.ts';
import { signerVerdicts } from './signer-verdicts.ts';
import { runStages } from './stages.ts';
import type { Quorum, Stage } from './stages.ts';
import { signersOf, thresholdVerdict } from './threshold.ts';
import type { CheckOutcome, ImageVerdict, Moment, Reason, Verdict } from './verdict.ts';
import { ballotOf } from './votes.ts';
import { waivedNote, waiverFor } from './waiver.ts';
import { judgeWindow } from './window.ts';
import { timeText } from './wording.ts';

/** What the caller demands of the answer, beside the policy. */
export interface Demand {
  readonly minBinding?: Binding;
}

/**
 * What the policy says of one image, with every reason. Pure: the same arguments give the same verdict.
 * Undefined: no policy is loaded.
 */
export function evaluate(
  policy: Policy | undefined,
  image: ImageFacts,
  moment: Moment,
  ask: Demand = {},
): ImageVerdict {
  const unusable = policyTrouble(policy, moment);
  if (policy === undefined || unusable !== undefined) {
    const reason = { ...(unusable ?? NOT_LOADED), action: 'enforce' } as const;
    return {
      mode: 'enforce',
      verdict: 'undetermined',
      effective: 'refuse',
      waived: false,
      reasons: [reason],
      signers: [],
    };
  }
  const question = { policy, image, moment, unmet: unmetDemands(image, ask) };
  const rule = ruleFor(policy, image.path);
  if (rule === undefined) return withoutRule(question);
  if (rule.mode === 'off') return answer(question, { rule, verdict: 'admit', reasons: [] });
  const { content } = image;
  if (content.kind === 'content') return judge(question, rule, content);
  const reason: Reason = { ...problemNote(content), action: 'enforce' };
  return answer(question, { rule, verdict: problemVerdict(content), reasons: [reason] });
}

/** Where a check stands among all. */
const ORDER: Readonly<Record<Check, number>> = {
  integrity: 0,
  coverage: 1,
  authenticity: 2,
  revocation: 3,
  expiry: 4,
  freshness: 5,
  transparency: 6,
  binding: 7,
  window: 8,
};

const NOT_LOADED: Note = {
  code: 'POLICY_NOT_LOADED',
  text: 'no policy is loaded',
  fix: 'put the policy in order (vouch policy lint), then: vouch reload',
};

function policyTrouble(policy: Policy | undefined, { now, clockSuspect }: Moment): Note | undefined {
  if (policy === undefined) return NOT_LOADED;
  const { validUntil } = policy;
  if (validUntil === undefined) return undefined;
  if (now < validUntil) return clockSuspect ? CLOCK_NOTE : undefined;
  const text = `the policy was valid until ${timeText(validUntil)}, and counts as none since`;
  return { code: 'POLICY_NOT_LOADED', text, fix: 'load a newer policy: vouch reload' };
}

function unmetDemands({ content, binding }: ImageFacts, { minBinding }: Demand): readonly Note[] {
  if (content.kind === 'problem') {
    return content.code === 'EXPECTED_DIGEST_MISMATCH' ? [problemNote(content)] : [];
  }
  const weak = minBinding && bindingNote(binding, minBinding, 'the caller');
  return weak === undefined ? [] : [weak];
}

/** Denials hold everywhere. What could not be opened has no real path, so it is not known that no rule is for it. */
function withoutRule(question: Question): ImageVerdict {
  const { policy, image } = question;
  const open = policy.onNoMatch === 'admit';
  const noRule: Reason = {
    code: 'NO_RULE',
    action: open ? 'warn' : 'enforce',
    text: 'no rule of the policy is for this path',
    fix: 'move the image into a folder that a rule is for, or add a rule',
    source: 'policy',
  };
  const { content } = image;
  if (content.kind === 'content') {
    const denials = denialsOf(policy, undefined, content).map(enforced);
    const verdict = open && denials.length === 0 ? 'admit' : 'refuse';
    return answer(question, { verdict, reasons: [...denials, noRule] });
  }
  const unseen = open && problemVerdict(content) === 'undetermined';
  const problem: Reason = { ...problemNote(content), action: unseen ? 'enforce' : 'warn' };
  const verdict = unseen ? 'undetermined' : open ? 'admit' : 'refuse';
  return answer(question, { verdict, reasons: [noRule, problem] });
}

function judge(question: Question, rule: Rule, content: ImageContent): ImageVerdict {
  const { policy, image, moment, unmet } = question;
  const required = requiredObjects(rule.objects, content).map(({ id }) => id);
  const quorum: Quorum = { requirement: rule.requirement, required };
  const ballot = ballotOf(policy, rule, content, moment);
  const { results: staged, standing } = runStages(stagesOf(rule, content, moment), ballot.votes, quorum);
  const extras = extraSignatureNotes(rule, content, moment, policy.clockSkew);
  const weak = bindingNote(image.binding, rule.minBinding, `rule ${rule.name}`);
  const all = [
    checkIntegrity(rule, content),
    checkCoverage(rule, content),
    checkAuthenticity(rule, quorum, ballot, extras),
    ...staged,
    // No transparency log is followed, so there is nothing that could pass.
    skipped('transparency'),
    resultOf('binding', rule.actions.binding, weak === undefined ? 'pass' : 'fail', weak ? [weak] : []),
  ].toSorted((a, b) => ORDER[a.check] - ORDER[b.check]);
  const results = moment.clockSuspect ? distrustClock(all, rule) : all;
  const denials = denialsOf(policy, rule, content).map(enforced);
  const verdict = denials.length > 0 ? 'refuse' : verdictOf(results);
  const reasons = [...denials, ...results.flatMap((result) => result.reasons)];
  const waiver =
    verdict === 'admit' || denials.length > 0 ? undefined : waiverFor(policy, rule, content, moment);
  const waived = waiver !== undefined && unmet.length === 0;
  const counted = signersOf(standing, required);
  return answer(question, {
    rule,
    verdict: waived ? 'admit' : verdict,
    waived,
    reasons: waived ? [warning(waivedNote(waiver)), ...reasons.map(warning)] : reasons,
    checks: outcomesOf(results, unmet),
    signers: signerVerdicts(policy, content, moment.now, { signers: counted, votes: standing }),
    threshold: thresholdVerdict(rule.requirement, counted),
  });
}

function stagesOf(rule: Rule, { firstSeen }: ImageContent, { now }: Moment): readonly Stage[] {
  const { actions, maxStaleness } = rule;
  const matrix = { semantics: rule.semantics, level: rule.level, firstSeen, now };
  const judges: readonly [Check, Stage['judge']][] = [
    ['revocation', (vote) => judgeRevocation(vote, matrix)],
    ['expiry', (vote) => judgeExpiry(vote, matrix)],
    ['freshness', (vote) => judgeFreshness(vote, maxStaleness, now)],
    ['window', (vote) => judgeWindow(vote, now)],
  ];
  return judges.map(([check, judgeVote]) => ({ check, action: actions[check], judge: judgeVote }));
}

function verdictOf(results: readonly CheckResult[]): Verdict {
  const comesTo = (what: CheckOutcome): boolean =>
    results.some(({ action, outcome }) => action === 'enforce' && outcome === what);
  if (comesTo('fail')) return 'refuse';
  return comesTo('undetermined') ? 'undetermined' : 'admit';
}

/** What the caller demanded in vain fails the check that it belongs to. */
function outcomesOf(
  results: readonly CheckResult[],
  unmet: readonly Note[],
): Readonly<Record<Check, CheckOutcome>> {
  const outcomes: Record<Check, CheckOutcome> = {
    integrity: 'skip',
    coverage: 'skip',
    authenticity: 'skip',
    revocation: 'skip',
    expiry: 'skip',
    freshness: 'skip',
    transparency: 'skip',
    binding: 'skip',
    window: 'skip',
  };
  for (const { check, outcome } of results) outcomes[check] = outcome;
  if (unmet.some(({ code }) => code === 'BINDING_TOO_WEAK')) outcomes.binding = 'fail';
  return outcomes;
}
