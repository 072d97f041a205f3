/*
 * What is wrong in the words of the reference library (sif v2 pkg/integrity; go-crypto openpgp/errors), which
 * scripts look for. Where it has no words, since it accepts, ours.
 */
import type {
  ImageFault,
  ImageReport,
  InvalidReason,
  InvalidSignature,
  SignatureReport,
  TaskReport,
} from '../../integrity/report.ts';

/** Undefined for a valid signature. */
export function signatureError(signature: SignatureReport): string | undefined {
  switch (signature.outcome) {
    case 'valid':
      return undefined;
    case 'unknown-signer':
      return signature.format === 'dsse'
        ? 'integrity: key material not provided for DSSE envelope signature'
        : notValid(signature.signatureId, 'openpgp: signature made by unknown entity');
    case 'invalid':
      return invalidError(signature);
  }
}

/** In the order in which they are met. Empty when the image is verified. */
export function errorsOf({ faults, tasks }: ImageReport): string[] {
  return [...faults.map(faultError), ...tasks.flatMap(taskErrors)];
}

function taskErrors({ groupId, objectId, verdict, signatures }: TaskReport): string[] {
  if (verdict !== 'unsigned') return signatures.flatMap((one) => signatureError(one) ?? []);
  const asked = objectId === undefined ? '' : ` (object ${objectId} was asked for)`;
  return [`integrity: signature not found for object group ${groupId}${asked}`];
}

function faultError(fault: ImageFault): string {
  switch (fault.code) {
    case 'NO_OBJECTS':
    case 'NO_GROUPS':
      return 'integrity: no groups found';
    case 'UNGROUPED_OBJECT':
      return `integrity: non-signature object not associated with object group (object ${fault.objectId})`;
  }
}

/** Why the message is not valid, where the library says so. */
const MESSAGE_WORDS: Readonly<Partial<Record<InvalidReason, string>>> = {
  BAD_FORMAT: 'signature format not recognized',
  WEAK_HASH: 'openpgp: unsupported feature: hash algorithm',
  BAD_SIGNATURE: 'openpgp: invalid signature: it does not fit the message and the key',
  UNKNOWN_CRITICAL: 'openpgp: invalid signature: unknown critical notation or subpacket',
  SIGNATURE_EXPIRED: 'openpgp: signature expired',
  SIGNATURE_FROM_FUTURE: 'openpgp: signature expired',
  KEY_EXPIRED: 'openpgp: key expired',
  KEY_REVOKED: 'openpgp: signature made by revoked key',
  KEY_CANNOT_SIGN: 'openpgp: signature made by unknown entity',
};

/** Where these words leave open what is wrong. */
const VAGUE: ReadonlySet<InvalidReason> = new Set([
  'BAD_FORMAT',
  'UNKNOWN_CRITICAL',
  'SIGNATURE_FROM_FUTURE',
  'KEY_CANNOT_SIGN',
]);

/** Those that concern the image. */
const CONTENT_WORDS: Readonly<Partial<Record<InvalidReason, (objectId: number | undefined) => string>>> = {
  WRONG_FINGERPRINT: () => 'fingerprint in descriptor does not correspond to signing entity',
  OBJECT_NOT_SIGNED: (id) => `object ${id ?? '?'}: object not signed`,
  HEADER_CHANGED: () => 'header integrity compromised',
  DESCRIPTOR_CHANGED: (id) => `data object descriptor integrity compromised: ${id ?? '?'}`,
  CONTENT_CHANGED: (id) => `data object integrity compromised: ${id ?? '?'}`,
};

function invalidError({ signatureId, reason, detail, objectId, format }: InvalidSignature): string {
  const about = CONTENT_WORDS[reason];
  if (about !== undefined) return `integrity: ${about(objectId)}`;
  if (reason === 'OBJECT_MISSING') return `integrity: signed object not found (${detail})`;
  const words = format === 'dsse' ? undefined : MESSAGE_WORDS[reason];
  if (words === undefined) return notValid(signatureId, detail);
  return notValid(signatureId, VAGUE.has(reason) ? `${words} (${detail})` : words);
}

function notValid(signatureId: number, why: string): string {
  return `integrity: signature object ${signatureId} not valid: ${why}`;
}
