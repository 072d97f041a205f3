/*
 * A decision as events of the Open Cybersecurity Schema Framework 1.6.0, one for each image: File System Activity
 * (class 1001), activity Open, with the profile Security Control (schema.ocsf.io).
 */
import { basename } from 'node:path';
import type { ImageDecision } from '../decision.ts';
import type { DecisionLine } from './log-line.ts';

export interface OcsfOptions {
  /** Of the host that decided. */
  readonly hostname: string;
  readonly version: string;
}

export type OcsfEvent = Readonly<Record<string, unknown>>;

const CLASS = 1001;
const OPEN = 14;
const SHA_256 = 3;
const REGULAR_FILE = 1;

interface Disposition {
  readonly action_id: 1 | 2 | 3;
  readonly action: string;
  readonly disposition_id: 1 | 2 | 17;
  readonly disposition: string;
}

const ALLOWED: Disposition = {
  action_id: 1,
  action: 'Allowed',
  disposition_id: 1,
  disposition: 'Allowed',
};
const DENIED: Disposition = { action_id: 2, action: 'Denied', disposition_id: 2, disposition: 'Blocked' };
/** It ran, although the policy says no. */
const OBSERVED: Disposition = {
  action_id: 3,
  action: 'Observed',
  disposition_id: 17,
  disposition: 'Logged',
};

export function toOcsf(line: DecisionLine, { hostname, version }: OcsfOptions): OcsfEvent[] {
  return line.images.map((image) => ({
    class_uid: CLASS,
    class_name: 'File System Activity',
    category_uid: 1,
    category_name: 'System Activity',
    activity_id: OPEN,
    activity_name: 'Open',
    type_uid: CLASS * 100 + OPEN,
    type_name: 'File System Activity: Open',
    time: Date.parse(line.time),
    ...severityOf(image),
    ...dispositionOf(image),
    status_id: image.effective === 'admit' ? 1 : 2,
    status: image.effective === 'admit' ? 'Success' : 'Failure',
    ...reasonOf(image),
    ...policyOf(line, image),
    metadata: {
      version: '1.6.0',
      profiles: ['host', 'security_control'],
      product: { name: 'Vouch', vendor_name: 'Vouch', version },
      uid: line.decision_id,
      sequence: line.seq,
    },
    device: { hostname, type_id: 0, type: 'Unknown' },
    actor: line.caller.uid === undefined ? {} : { user: { uid: String(line.caller.uid) } },
    file: fileOf(image),
    unmapped: {
      verdict: image.verdict,
      mode: line.mode,
      binding: image.binding,
      attested: line.caller.attested,
      reasons: image.reasons.map(({ code }) => code),
      signers: image.signers.map(({ fingerprint, source, counts }) => ({ fingerprint, source, counts })),
    },
  }));
}

function dispositionOf({ effective, verdict }: ImageDecision): Disposition {
  if (effective === 'refuse') return DENIED;
  return verdict === 'admit' ? ALLOWED : OBSERVED;
}

function severityOf({ verdict }: ImageDecision): OcsfEvent {
  if (verdict === 'admit') return { severity_id: 1, severity: 'Informational' };
  return verdict === 'refuse' ? { severity_id: 3, severity: 'Medium' } : { severity_id: 2, severity: 'Low' };
}

function reasonOf({ reasons: [first] }: ImageDecision): OcsfEvent {
  return first === undefined
    ? {}
    : { status_code: first.code, status_detail: first.text, message: first.text };
}

function policyOf({ policy }: DecisionLine, { rule }: ImageDecision): OcsfEvent {
  if (policy === undefined) return {};
  const name = rule === undefined ? {} : { name: rule };
  return { policy: { ...name, uid: policy.sha256, version: String(policy.serial), is_applied: true } };
}

function fileOf({ path, sha256 }: ImageDecision): OcsfEvent {
  const hashes = [{ algorithm_id: SHA_256, algorithm: 'SHA-256', value: sha256 }];
  return {
    name: basename(path),
    path,
    type_id: REGULAR_FILE,
    type: 'Regular File',
    ...(sha256 === undefined ? {} : { hashes }),
  };
}
