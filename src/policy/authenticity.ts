/* Whether enough of the signers have signed, by mathematics alone: what became of their keys comes later. */
import type { InvalidReason } from '../integrity/report.ts';
import { reasonsOf, skipped } from './check-result.ts';
import type { CheckResult, Note } from './check-result.ts';
import type { ImageContent, SignatureFact } from './facts.ts';
import { expiryState, revocationState } from './key-matrix.ts';
import type { Rule } from './policy.ts';
import { troubleOf } from './signature-note.ts';
import type { Quorum } from './stages.ts';
import { isMet, signersOf } from './threshold.ts';
import type { Moment } from './verdict.ts';
import type { Ballot, Rejection } from './votes.ts';
import { listed, objectsText, quoted } from './wording.ts';

/** Faults that the checks of integrity and coverage tell of when no sound signature makes up for them. */
const TOLD_BEFORE: ReadonlySet<InvalidReason> = new Set<InvalidReason>([
  'HEADER_CHANGED',
  'DESCRIPTOR_CHANGED',
  'CONTENT_CHANGED',
  'OBJECT_MISSING',
  'OBJECT_NOT_SIGNED',
]);

export function checkAuthenticity(
  rule: Rule,
  quorum: Quorum,
  ballot: Ballot,
  extras: readonly Note[],
): CheckResult {
  const action = rule.actions.authenticity;
  if (action === 'skip') return skipped('authenticity');
  const { requirement, required } = quorum;
  const have = signersOf(ballot.votes, required);
  const met = isMet(requirement, have);
  const decisive = met ? [] : decisiveRejections(ballot, have);
  const shortage = met ? [] : shortageNotes(rule, quorum, ballot, have);
  const aside = ballot.rejections.filter((one) => !decisive.includes(one));
  return {
    check: 'authenticity',
    action,
    outcome: met && extras.length === 0 ? 'pass' : 'fail',
    reasons: [
      ...reasonsOf('authenticity', action, [...decisive.map(({ note }) => note), ...shortage, ...extras]),
      ...reasonsOf(
        'authenticity',
        'warn',
        aside.map(({ note }) => note),
      ),
    ],
  };
}

/** What has to be put right for the requirement to be met: signatures of those who are missing first. */
function decisiveRejections({ rejections, votes }: Ballot, have: ReadonlySet<string>): readonly Rejection[] {
  const open = rejections.filter(({ signature: { fault } }) => !fault || !TOLD_BEFORE.has(fault.reason));
  const missing = open.filter(({ signer }) => signer !== undefined && !have.has(signer.name));
  if (missing.length > 0 || votes.length > 0) return missing;
  return open;
}

function shortageNotes(
  rule: Rule,
  { requirement, required }: Quorum,
  ballot: Ballot,
  have: ReadonlySet<string>,
): readonly Note[] {
  const { members, must, threshold, set } = requirement;
  if (members.length === 0) {
    const fix = 'name the signers whose images it should admit';
    return [
      { code: 'RULE_REFUSES', text: `rule ${rule.name} names no signer, so it refuses everything`, fix },
    ];
  }
  const notes: Note[] = must
    .filter((name) => !have.has(name))
    .map((name) => ({
      code: 'MUST_SIGNER_MISSING',
      text: `${name} has to sign every object that the rule asks for, and has not${partText(name, ballot, required)}`,
      fix: `have the image signed by ${name}`,
    }));
  const counted = members.filter((name) => have.has(name));
  if (counted.length >= threshold) return notes;
  const who = set === undefined ? listed(members) : `set ${set} (${listed(members)})`;
  const whose = counted.length === 0 ? '' : `: ${listed(counted)}`;
  const parts = members.filter((name) => !have.has(name)).map((name) => partText(name, ballot, required));
  notes.push({
    code: 'THRESHOLD_NOT_MET',
    text: `${threshold} of ${who} have to sign, and ${counted.length} did${whose}${parts.join('')}${strangersText(ballot)}`,
    fix: `have the image signed by ${threshold - counted.length} more of ${listed(members.filter((name) => !have.has(name)))}`,
  });
  return notes;
}

/** `; bob did not sign objects 1, 2`; empty when nothing of theirs is there. */
function partText(name: string, { votes }: Ballot, required: readonly number[]): string {
  const its = new Set(
    votes.filter(({ signer }) => signer.name === name).flatMap((vote) => vote.signature.covers),
  );
  const left = required.filter((id) => !its.has(id));
  if (its.size === 0) return '';
  return left.length === 0
    ? `; ${name} signed everything, but with different keys`
    : `; ${name} did not sign ${objectsText(left)}`;
}

function strangersText({ strangers }: Ballot): string {
  const keys = new Set(strangers.map(({ maker }) => maker?.fingerprint ?? ''));
  return keys.size === 0
    ? ''
    : `; there are valid signatures by keys that the rule does not name: ${listed(keys)}`;
}

/** For rules that refuse images with any signature that is not good now: one note for each such signature. */
export function extraSignatureNotes(
  rule: Rule,
  { signatures, firstSeen }: ImageContent,
  moment: Moment,
  clockSkew: number,
): readonly Note[] {
  if (rule.extraSignatures === 'ignore') return [];
  return signatures.flatMap((signature) => {
    const why = extraTrouble(signature, firstSeen, moment, clockSkew);
    if (why === undefined) return [];
    const fingerprint = signature.maker?.fingerprint;
    return {
      code: 'SIG_EXTRA_INVALID',
      text: `rule ${rule.name} wants every signature to be good: ${why}`,
      fix: `take signature ${signature.id} out of the image (vouch sif del), or let the rule ignore such`,
      ...(fingerprint !== undefined && { fingerprint }),
    };
  });
}

function extraTrouble(
  signature: SignatureFact,
  firstSeen: number,
  moment: Moment,
  clockSkew: number,
): string | undefined {
  const trouble = troubleOf(signature, moment, clockSkew);
  if (trouble !== undefined) return trouble.text;
  const { id, maker } = signature;
  if (maker === undefined) return undefined;
  if (revocationState(signature, maker, firstSeen) !== undefined) {
    const words = maker.revocation?.text ?? '';
    return `the key of signature ${id} is revoked${words === '' ? '' : ` (${quoted(words)})`}`;
  }
  return expiryState(signature, maker, { firstSeen, now: moment.now }) === undefined
    ? undefined
    : `the key of signature ${id} has expired`;
}
