import type { LeftOut } from '../openpgp/left-out.ts';
import type { AcceptedCertificate, RefusedCertificate, SubmissionReport } from './submission.ts';
import { plainLine } from './text-index.ts';

const OUTCOMES = {
  inserted: 'is new',
  updated: 'was updated',
  unchanged: 'was already here, unchanged',
} as const;

/** The outcome of a push in sentences, the first about the whole; each without line ends. */
export function reportSentences({ accepted, refused }: SubmissionReport): string[] {
  const total = accepted.length + refused.length;
  const whole = `${accepted.length} of ${total} ${total === 1 ? 'certificate' : 'certificates'} accepted`;
  return [`${whole}.`, ...accepted.map(acceptedSentence), ...refused.map(refusedSentence)].map(plainLine);
}

function acceptedSentence({ fingerprint, outcome, leftOut }: AcceptedCertificate): string {
  const parts = leftOut.length === 0 ? '' : `; left out ${leftOut.map(leftOutPhrase).join(', ')}`;
  return `${fingerprint} ${OUTCOMES[outcome]}${parts}.`;
}

function leftOutPhrase({ what, why, count }: LeftOut): string {
  return `${count} ${what}${count === 1 ? '' : 's'} (${why})`;
}

function refusedSentence({ fingerprint, reason }: RefusedCertificate): string {
  const sentence = `${fingerprint ?? 'One without a readable fingerprint'} was refused: ${reason}`;
  return sentence.endsWith('.') ? sentence : `${sentence}.`;
}

interface Entry {
  readonly version?: number;
  readonly fingerprint?: string;
  readonly comment?: string;
}

/** The response object of draft-ietf-openpgp-hkp §7.2, Table 12. A comment is allowed in the last two lists. */
export interface SubmissionObject {
  readonly inserted: readonly Entry[];
  readonly updated: readonly Entry[];
  readonly deleted: readonly Entry[];
  readonly ignored: readonly Entry[];
  readonly invalid: readonly Entry[];
}

export function submissionObject({ accepted, refused }: SubmissionReport): SubmissionObject {
  const having = (outcome: AcceptedCertificate['outcome']): Entry[] =>
    accepted.filter((one) => one.outcome === outcome).map(entry);
  return {
    inserted: having('inserted'),
    updated: having('updated'),
    deleted: [],
    ignored: having('unchanged').map((one) => ({ ...one, comment: 'already here, unchanged' })),
    invalid: refused.map((one) => ({ ...entry(one), comment: plainLine(one.reason) })),
  };
}

function entry({ version, fingerprint }: { version?: number; fingerprint?: string }): Entry {
  return {
    ...(version === undefined ? {} : { version }),
    ...(fingerprint === undefined ? {} : { fingerprint: fingerprint.toLowerCase() }),
  };
}
