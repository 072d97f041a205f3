import type { Finding, FindingCode, FolderFacts } from './finding.ts';
import { isDenied, lintRules } from './lint-rules.ts';
import type { Denial, Policy, PolicySigner, Waiver } from './policy.ts';

/** Seconds before its end that a policy is said to end soon: two weeks, time for a change to be agreed on. */
const SOON = 14 * 86_400;

/**
 * What is doubtful in a policy that can be loaded, errors first. `look` says what is known of a folder, undefined
 * when it cannot be looked at; `now` is in seconds since 1970. Texts quote the policy.
 */
export function lintPolicy(
  policy: Policy,
  look: (path: string) => FolderFacts | undefined,
  now: number,
): Finding[] {
  const findings = [
    ...lintEnd(policy, now),
    ...lintRules(policy, look, now),
    ...[...policy.signers.values()].flatMap((signer) => lintSigner(signer, policy, now)),
    ...lintDenials(policy),
    ...policy.waivers.flatMap((waiver) => lintWaiver(waiver, policy, now)),
  ];
  const errors = findings.filter(({ severity }) => severity === 'error');
  return [...errors, ...findings.filter(({ severity }) => severity !== 'error')];
}

function warning(code: FindingCode, subject: string, text: string, fix: string): Finding {
  return { severity: 'warning', code, subject, text, fix };
}

function lintEnd({ validUntil }: Policy, now: number): Finding[] {
  if (validUntil === undefined || validUntil - now > SOON) return [];
  const end = new Date(validUntil * 1000).toISOString();
  const fix = 'write a later valid_until, and raise serial';
  if (validUntil > now) return [warning('POLICY_ENDS_SOON', 'policy', `ends at ${end}`, fix)];
  const text = `ended at ${end}: it counts as no policy`;
  return [{ severity: 'error', code: 'POLICY_OVER', subject: 'policy', text, fix }];
}

function lintSigner(signer: PolicySigner, policy: Policy, now: number): Finding[] {
  const subject = `signer ${JSON.stringify(signer.name)}`;
  const found: Finding[] = [];
  if (!policy.rules.some(({ requirement }) => requirement.members.includes(signer.name))) {
    const fix = 'add it to a set that a rule requires, or remove it';
    found.push(warning('SIGNER_UNUSED', subject, 'no rule counts it', fix));
  }
  if ((signer.validUntil ?? Infinity) <= now) {
    const fix = 'write a later valid_until, or remove it';
    found.push(warning('SIGNER_OVER', subject, 'its valid_until is over: it counts nowhere', fix));
  }
  if (signer.keys.every((key) => isDenied(key, policy))) {
    const fix = 'add the fingerprint of a new key, or remove it';
    found.push(warning('SIGNER_DENIED', subject, 'each of its keys is denied', fix));
  }
  return found;
}

function lintDenials({ denials, rules }: Policy): Finding[] {
  const found = denials.flatMap((denial, index) => {
    const wider = denials.some(
      (other, at) => at !== index && contains(other, denial) && (at < index || !contains(denial, other)),
    );
    return wider ? [redundant(`deny ${denial.sha256 ?? denial.fingerprint ?? ''}`)] : [];
  });
  const everywhere = new Set(
    denials.filter(({ since }) => since === undefined).map(({ fingerprint }) => fingerprint),
  );
  for (const rule of rules) {
    for (const key of rule.deniedFingerprints) {
      if (everywhere.has(key)) found.push(redundant(`deny ${key} of rule ${JSON.stringify(rule.name)}`));
    }
  }
  return found;
}

function redundant(subject: string): Finding {
  return warning('DENIAL_REDUNDANT', subject, 'another denial has it already', 'remove one of the two');
}

/** Whether all that `narrow` denies is denied by `wide`. */
function contains(wide: Denial, narrow: Denial): boolean {
  if (wide.sha256 !== narrow.sha256 || wide.fingerprint !== narrow.fingerprint) return false;
  return (wide.since ?? -Infinity) <= (narrow.since ?? -Infinity);
}

function lintWaiver({ sha256, rule, until }: Waiver, policy: Policy, now: number): Finding[] {
  const subject = `waiver of ${sha256} for rule ${JSON.stringify(rule)}`;
  const found: Finding[] = [];
  if (until <= now) {
    const text = `ended at ${new Date(until * 1000).toISOString()}`;
    found.push(warning('WAIVER_OVER', subject, text, 'remove it'));
  }
  if (policy.denials.some((denial) => denial.sha256 === sha256)) {
    found.push(warning('WAIVER_DENIED', subject, 'the image is denied, which wins', 'remove one of the two'));
  }
  return found;
}
