/* A decision as it comes over the wire. What the program acts on is checked; the rest is shown as it is. */
import type { CallerAnswer, Decision, ImageDecision } from '../../admission/decision.ts';
import { BINDINGS, CHECKS } from '../../policy/policy.ts';
import type { Binding, Check, Mode } from '../../policy/policy.ts';
import { REASON_CLASS } from '../../policy/verdict.ts';
import type {
  CheckOutcome,
  KeyState,
  Reason,
  SignerVerdict,
  ThresholdVerdict,
  Verdict,
} from '../../policy/verdict.ts';
import { CliError } from '../error.ts';
import type { AnswerFields } from './answer-fields.ts';
import { KEY_STATES } from './key-states.ts';

const VERDICTS: Readonly<Record<Verdict, true>> = { admit: true, refuse: true, undetermined: true };
const EFFECTS: Readonly<Record<Decision['effective'], true>> = { admit: true, refuse: true };
const MODES: Readonly<Record<Mode, true>> = { enforce: true, audit: true, off: true };
const OUTCOMES: Readonly<Record<CheckOutcome, true>> = {
  pass: true,
  fail: true,
  undetermined: true,
  skip: true,
};
const ACTIONS: Readonly<Record<Reason['action'], true>> = { enforce: true, warn: true };
const SOURCES: Readonly<Record<SignerVerdict['source'], true>> = {
  LOCAL: true,
  REMOTE: true,
  'LOCAL+REMOTE': true,
  SEEN: true,
};
const CALLERS: Readonly<Record<CallerAnswer['attested'], true>> = {
  admin: true,
  socket: true,
  unverified: true,
  self: true,
};

/** Throws `NO_DAEMON` for what is no decision, or not one about `count` images. */
export function readDecision(fields: AnswerFields, count: number): Decision {
  const images = fields.list('images', imageOf);
  if (fields.number('api') !== 1 || images.length !== count) {
    throw new CliError(
      'NO_DAEMON',
      'the daemon answers another question than was asked; is it of the same version?',
    );
  }
  return {
    api: 1,
    decision_id: fields.text('decision_id'),
    time: fields.text('time'),
    verdict: fields.oneOf('verdict', VERDICTS),
    effective: fields.oneOf('effective', EFFECTS),
    mode: fields.oneOf('mode', MODES),
    ...present(
      'would',
      fields.optional('would', (name) => fields.oneOf(name, VERDICTS)),
    ),
    reasons: fields.list('reasons', reasonOf),
    images,
    ...present(
      'policy',
      fields.optional('policy', (name) => policyOf(fields.object(name))),
    ),
    keys_epoch: fields.number('keys_epoch'),
    ...present(
      'keys_age_s',
      fields.optional('keys_age_s', (name) => fields.number(name)),
    ),
    caller: callerOf(fields.object('caller')),
    took_us: fields.number('took_us'),
    ...present(
      'log_pos',
      fields.optional('log_pos', (name) => fields.number(name)),
    ),
  };
}

function imageOf(fields: AnswerFields): ImageDecision {
  return {
    path: fields.text('path'),
    ...present('path_b64', text(fields, 'path_b64')),
    ...present('rule', text(fields, 'rule')),
    verdict: fields.oneOf('verdict', VERDICTS),
    effective: fields.oneOf('effective', EFFECTS),
    ...present('sha256', text(fields, 'sha256')),
    binding: bindingOf(fields),
    ...present('bytes_verified_at', text(fields, 'bytes_verified_at')),
    cached: fields.flag('cached'),
    reasons: fields.list('reasons', reasonOf),
    ...present(
      'checks',
      fields.optional('checks', (name) => checksOf(fields.object(name))),
    ),
    signers: fields.list('signers', signerOf),
    ...present(
      'threshold',
      fields.optional('threshold', (name) => thresholdOf(fields.object(name))),
    ),
    ...(fields.has('waived') && fields.flag('waived') && { waived: true as const }),
  };
}

function reasonOf(fields: AnswerFields): Reason {
  return {
    code: fields.oneOf('code', REASON_CLASS),
    ...present(
      'check',
      fields.optional('check', (name) => fields.oneOf(name, NAMES_OF_CHECKS)),
    ),
    action: fields.oneOf('action', ACTIONS),
    text: fields.text('text'),
    ...present('fix', text(fields, 'fix')),
    ...present('fingerprint', text(fields, 'fingerprint')),
    ...present(
      'objectId',
      fields.optional('objectId', (name) => fields.number(name)),
    ),
    ...present('source', text(fields, 'source')),
  };
}

function signerOf(fields: AnswerFields): SignerVerdict {
  return {
    ...present('name', text(fields, 'name')),
    fingerprint: fields.text('fingerprint'),
    source: fields.oneOf('source', SOURCES),
    keyState: fields.oneOf<KeyState>('keyState', KEY_STATES),
    ...present(
      'signedAt',
      fields.optional('signedAt', (name) => fields.number(name)),
    ),
    firstSeen: fields.number('firstSeen'),
    objects: fields.numbers('objects'),
    counts: fields.flag('counts'),
  };
}

function thresholdOf(fields: AnswerFields): ThresholdVerdict {
  return {
    need: fields.number('need'),
    have: fields.number('have'),
    must: fields.texts('must'),
    missing: fields.texts('missing'),
  };
}

function policyOf(fields: AnswerFields): { sha256: string; serial: number } {
  return { sha256: fields.text('sha256'), serial: fields.number('serial') };
}

function callerOf(fields: AnswerFields): CallerAnswer {
  const uid = fields.optional('uid', (name) => fields.number(name));
  return { ...present('uid', uid), attested: fields.oneOf('attested', CALLERS) };
}

const NAMES_OF_CHECKS: Readonly<Record<Check, true>> = {
  integrity: true,
  coverage: true,
  authenticity: true,
  revocation: true,
  expiry: true,
  freshness: true,
  transparency: true,
  binding: true,
  window: true,
};

function checksOf(fields: AnswerFields): Record<Check, CheckOutcome> {
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
  for (const check of CHECKS) outcomes[check] = fields.oneOf(check, OUTCOMES);
  return outcomes;
}

function bindingOf(fields: AnswerFields): Binding {
  const word = fields.text('binding');
  return BINDINGS.find((one) => one === word) ?? fields.oneOf('binding', {});
}

function text(fields: AnswerFields, name: string): string | undefined {
  return fields.optional(name, (one) => fields.text(one));
}

/** A field that is left out when there is nothing to put in it. */
function present<Name extends string, T>(name: Name, value: T | undefined): { [Key in Name]?: T } {
  // TypeScript widens a computed name to any text, although this one is of one type with the parameter.
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- see above
  return value === undefined ? {} : ({ [name]: value } as { [Key in Name]?: T });
}
