/* Vouch's own JSON of a verification. docs/verify.md has the schema; a field is added, never changed. */
import type { ImageReport, SignatureReport, Signer, TaskReport } from '../../integrity/report.ts';
import type { ExitCode } from '../exit-code.ts';
import { errorsOf } from './reference-words.ts';
import { nameOf } from './text-report.ts';

export interface JsonContext {
  /** As it was named on the command line. */
  readonly image: string;
  readonly exitCode: ExitCode;
  /** Seconds since 1970. */
  readonly at: number;
  /** False when a keystore did not answer. */
  readonly keysComplete: boolean;
  readonly warnings: readonly string[];
}

export function reportAsJson(report: ImageReport, context: JsonContext): string {
  const { image, exitCode, at, keysComplete, warnings } = context;
  return `${JSON.stringify({
    image,
    verified: report.verified,
    complete: report.complete,
    exitCode,
    verifiedAt: isoTime(at),
    keystoresAnswered: keysComplete,
    errors: errorsOf(report),
    warnings,
    faults: report.faults,
    tasks: report.tasks.map((task) => taskJson(task, at)),
    strayObjects: report.strayObjects,
    legacySignatures: report.legacySignatures,
    trailingOctets: report.trailingOctets,
  })}\n`;
}

function taskJson({ groupId, objectId, objects, verdict, signatures }: TaskReport, at: number): object {
  return {
    groupId,
    objectId: objectId ?? null,
    objects,
    verdict,
    signatures: signatures.map((one) => signatureJson(one, at)),
  };
}

function signatureJson(signature: SignatureReport, at: number): object {
  const { signatureId, format, outcome, claimedFingerprint } = signature;
  const about = { signatureId, format, outcome, claimedFingerprint: claimedFingerprint ?? null };
  switch (signature.outcome) {
    case 'valid':
      return {
        ...about,
        signer: signerJson(signature.signer, at),
        objects: signature.objects,
        created: signature.created === undefined ? null : isoTime(signature.created),
      };
    case 'invalid':
      return {
        ...about,
        reason: signature.reason,
        detail: signature.detail,
        objectId: signature.objectId ?? null,
        objects: signature.objects,
        attributedTo: signature.attributedTo ? signerJson(signature.attributedTo, at) : null,
      };
    case 'unknown-signer':
      return {
        ...about,
        claims: signature.claims.map(({ fingerprint, keyId }) => ({
          fingerprint: fingerprint ?? null,
          keyId,
        })),
        keyIds: signature.keyIds,
      };
  }
}

function signerJson(signer: Signer, at: number): object {
  switch (signer.kind) {
    case 'pgp': {
      const { kind, label, fingerprint, signingKey, weak } = signer;
      return { kind, label, fingerprint, signingKey, userId: nameOf(signer, at) ?? null, weak };
    }
    case 'key':
      return { kind: signer.kind, keyId: signer.keyId };
    case 'x509': {
      const { kind, keyId, subject, certificateDigest } = signer;
      return { kind, keyId, subject, certificateDigest };
    }
  }
}

/** ISO 8601, UTC. A time beyond what a Date holds is the last one it does. */
function isoTime(seconds: number): string {
  return new Date(Math.min(seconds * 1000, 8.64e15)).toISOString();
}
