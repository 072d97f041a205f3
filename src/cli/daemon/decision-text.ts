/* What `vouch admit` says about each image. */
import type { Decision, ImageDecision } from '../../admission/decision.ts';
import { imageOutcome } from '../../admission/outcome.ts';
import { printable } from '../printable.ts';
import { reasonLines } from './reason-lines.ts';
import { signerLines } from './signer-lines.ts';

/** Images in the order in which they were asked for; then what is about none of them. */
export function decisionText(decision: Decision, colour: boolean): string {
  const told = new Set(decision.images.flatMap(({ reasons }) => reasons.map(({ text }) => text)));
  const others = decision.reasons.filter(({ text }) => !told.has(text)).map(reasonLines);
  return [...decision.images.map((image) => imageText(image, colour)), ...others].join('');
}

function imageText(image: ImageDecision, colour: boolean): string {
  const { rule, binding, sha256, signers, reasons } = image;
  const facts = [
    rule === undefined ? 'no rule' : `rule ${printable(rule)}`,
    `binding ${binding}`,
    ...(sha256 === undefined ? [] : [`SHA-256 ${sha256}`]),
  ];
  return [
    `${headline(image)}: ${printable(image.path)}\n`,
    `  ${facts.join(', ')}\n`,
    ...signers.map((signer) => signerLines(signer, colour)),
    ...reasons.map(reasonLines),
  ].join('');
}

export function headline(image: ImageDecision): string {
  const { effective, verdict, waived } = image;
  if (effective === 'refuse') return verdict === 'undetermined' ? 'Undetermined' : 'Refused';
  if (imageOutcome(image) === 'admitted') return 'Admitted';
  return waived === true ? 'Admitted by a waiver' : `Admitted by exception (${VERDICT_WORDS[verdict]})`;
}

/** What would be without the exception. */
const VERDICT_WORDS: Readonly<Record<ImageDecision['verdict'], string>> = {
  admit: 'admitted anyway',
  refuse: 'would be refused',
  undetermined: 'could not be told',
};
