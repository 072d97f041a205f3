/* The whole story of a decision, for people. */
import type { Decision, ImageDecision } from '../../admission/decision.ts';
import { BINDINGS, CHECKS } from '../../policy/policy.ts';
import type { Binding, Check } from '../../policy/policy.ts';
import type { Reason, SignerVerdict, ThresholdVerdict } from '../../policy/verdict.ts';
import { plural } from '../plural.ts';
import { printable } from '../printable.ts';
import { headline } from './decision-text.ts';
import { KEY_STATES } from './key-states.ts';
import { reasonLines } from './reason-lines.ts';
import { signerLines } from './signer-lines.ts';

export function explainText(decision: Decision, colour: boolean): string {
  const { policy, keys_age_s: age, time, images } = decision;
  const about = [
    policy === undefined
      ? 'No policy is loaded'
      : `Policy:    serial ${policy.serial}, SHA-256 ${printable(policy.sha256)}`,
    age === undefined ? 'Keys:      no keystore is asked' : `Keys:      the oldest answer is ${age} s old`,
    `Decided:   ${printable(time)}`,
  ];
  return [...images.map((image) => imageStory(image, colour)), `${about.join('\n')}\n`].join('\n');
}

function imageStory(image: ImageDecision, colour: boolean): string {
  const { path, sha256, bytes_verified_at: read, cached, signers, threshold, reasons } = image;
  const lines = [
    `${headline(image)}: ${printable(path)}`,
    ruleLine(image),
    ...(sha256 === undefined ? [] : [`SHA-256:   ${sha256}`]),
    ...(read === undefined ? [] : [`Read:      ${printable(read)}${cached ? ', known from before' : ''}`]),
    `Binding:   ${image.binding}: ${BINDING_TEXT[image.binding]}`,
    ...strongerLine(image.binding),
    ...(threshold === undefined ? [] : [thresholdLine(threshold)]),
  ];
  return [
    `${lines.join('\n')}\n`,
    signers.length === 0 ? 'Signers:   none whose key is known\n' : 'Signers:\n',
    ...signers.map((signer) => `${signerLines(signer, colour)}${signerStory(signer)}`),
    checkTable(image),
    reasons.length === 0 ? '' : 'Reasons:\n',
    ...reasons.map(reasonLines),
  ].join('');
}

function ruleLine({ rule, checks }: ImageDecision): string {
  if (rule === undefined) return 'Rule:      none has a scope that this path lies in';
  const why = 'the most specific scope that this path lies in; no other rule counts';
  return `Rule:      ${printable(rule)} (${why})${checks === undefined ? '; nothing was checked' : ''}`;
}

const BINDING_TEXT: Readonly<Record<Binding, string>> = {
  path: 'these were the bytes when they were read; this file system tells no changes',
  identity: "every ordinary change is noticed; a mapping that the file's owner kept is not",
  fd: 'as identity, and of the very file that the caller holds open, wherever its name leads',
  'root-owned': 'only root can change the file or put another in its place',
  store: "a copy of the daemon's own, which only root and the daemon can change",
};

/** What would bind an answer as strongly as that. */
const STRONGER: Readonly<Record<Binding, string>> = {
  path: '',
  identity: 'a local file system',
  fd: 'asking for a file that is held open (--by-fd)',
  'root-owned': 'the file and every folder above it owned by root, and writable by nobody else',
  store: 'vouch promote',
};

function strongerLine(binding: Binding): string[] {
  const next = BINDINGS.slice(BINDINGS.indexOf(binding) + 1).map((one) => `${one} (${STRONGER[one]})`);
  return next.length === 0 ? [] : [`Stronger:  ${next.join('; ')}`];
}

function thresholdLine({ need, have, must, missing }: ThresholdVerdict): string {
  const musts = must.length === 0 ? '' : `; it must be signed by ${must.map(printable).join(', ')}`;
  const lacking = missing.length === 0 ? '' : `, of whom ${missing.map(printable).join(', ')} did not count`;
  return `Threshold: ${have} of ${plural(need, 'signer')} that the rule needs${musts}${lacking}`;
}

function signerStory({ keyState, objects, counts, signedAt, firstSeen }: SignerVerdict): string {
  const parts = [
    counts ? 'counts' : 'does not count',
    ...(keyState === 'good' ? [`key ${KEY_STATES.good}`] : []),
    `signed ${objects.length === 1 ? 'object' : 'objects'} ${objects.join(', ')}`,
    ...(signedAt === undefined ? [] : [`on ${isoTime(signedAt)} by its own word`]),
    `seen here first on ${isoTime(firstSeen)}`,
  ];
  return `  ${parts.join('; ')}\n`;
}

function isoTime(seconds: number): string {
  const time = new Date(seconds * 1000);
  return Number.isNaN(time.getTime()) ? 'an impossible date' : time.toISOString().replace('.000Z', 'Z');
}

function checkTable({ checks, reasons }: ImageDecision): string {
  if (checks === undefined) return '';
  const rows = CHECKS.map((check) => `  ${check.padEnd(13)} ${checks[check]}${codesOf(check, reasons)}\n`);
  return `Checks:\n${rows.join('')}`;
}

function codesOf(check: Check, reasons: readonly Reason[]): string {
  const codes = new Set(reasons.filter((reason) => reason.check === check).map(({ code }) => code));
  return codes.size === 0 ? '' : ` (${[...codes].join(', ')})`;
}
