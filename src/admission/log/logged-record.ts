import type { Reason, SignerVerdict } from '../../policy/verdict.ts';
import type { Decision, ImageDecision } from '../decision.ts';
import { decisionJson } from '../decision-json.ts';
import { AdmissionError } from '../error.ts';
import { MAX_LINE_OCTETS, SHORTENED_LIST, SHORTENED_TEXT } from './limits.ts';
import { bodyText, plainJson } from './log-line.ts';
import type { LogRecord } from './record.ts';

/** Octets that a line has beside its body: number and hash. */
const PLACE_OCTETS = 128;

/** The body of a record's line. Throws `LOG_UNWRITABLE` for an event that is too long for a line. */
export function recordText(record: LogRecord): string {
  if (record.kind === 'event') {
    const text = bodyText(record);
    if (fits(text)) return text;
    throw new AdmissionError(
      'LOG_UNWRITABLE',
      `an event of ${text.length} characters is too long for the log`,
    );
  }
  const decision = withoutFixes(record.decision);
  const text = lineOf(decisionJson(decision));
  return fits(text) ? text : lineOf(JSON.stringify({ ...shortened(decision), shortened: true }));
}

/** Of a decision's JSON. */
function lineOf(json: string): string {
  return `{"kind":"decision",${plainJson(json).slice(1)}`;
}

function fits(text: string): boolean {
  return Buffer.byteLength(text) + PLACE_OCTETS <= MAX_LINE_OCTETS;
}

/** A decision that has nothing to be left out is not copied: most have no reasons, and a line is no more than they are. */
function withoutFixes(made: Decision): Omit<Decision, 'log_pos'> {
  const { reasons, images } = made;
  const plain = reasons.length === 0 && images.every((image) => image.reasons.length === 0);
  if (plain && made.log_pos === undefined) return made;
  const { log_pos: _position, ...decision } = made;
  return {
    ...decision,
    reasons: reasons.map(withoutFix),
    images: images.map((image) =>
      image.reasons.length === 0 ? image : { ...image, reasons: image.reasons.map(withoutFix) },
    ),
  };
}

function withoutFix({ fix: _fix, ...reason }: Reason): Reason {
  return reason;
}

function shortened(decision: Omit<Decision, 'log_pos'>): Omit<Decision, 'log_pos'> {
  return {
    ...decision,
    reasons: shortReasons(decision.reasons),
    images: decision.images.map(shortImage),
  };
}

function shortImage(image: ImageDecision): ImageDecision {
  const signers = image.signers.toSorted((a, b) => Number(b.counts) - Number(a.counts));
  return {
    ...image,
    reasons: shortReasons(image.reasons),
    signers: signers
      .slice(0, SHORTENED_LIST)
      .map((signer): SignerVerdict => ({ ...signer, objects: signer.objects.slice(0, SHORTENED_LIST) })),
  };
}

function shortReasons(reasons: readonly Reason[]): Reason[] {
  return reasons
    .slice(0, SHORTENED_LIST)
    .map((reason) => ({ ...reason, text: reason.text.slice(0, SHORTENED_TEXT) }));
}
