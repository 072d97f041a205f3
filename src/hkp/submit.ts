/* The one way a certificate gets into the store: read, check, merge, store, tell. */
import type { Keystore } from '../keystore/keystore.ts';
import { parseCertificate, serializeCertificate } from '../openpgp/certificate.ts';
import type { Certificate } from '../openpgp/certificate.ts';
import { sortSignatures } from '../openpgp/check-signatures.ts';
import { OpenPgpError } from '../openpgp/error.ts';
import { mergeWithin } from '../openpgp/fit.ts';
import type { Fitted } from '../openpgp/fit.ts';
import { readKeyring } from '../openpgp/keyring.ts';
import type { LeftOut } from '../openpgp/left-out.ts';
import { MAX_VERIFICATIONS_PER_UPLOAD } from '../openpgp/limits.ts';
import type { CheckLimits } from '../openpgp/limits.ts';
import type { Signature } from '../openpgp/signature.ts';
import { Tally } from '../openpgp/tally.ts';
import { VerificationBudget } from '../openpgp/verification-budget.ts';
import type { ThirdPartyMode } from '../openpgp/third-party.ts';
import { verifyForStore } from '../openpgp/verify-for-store.ts';
import { certificateOf, examineEach, isWhole } from './examine.ts';
import type { ExaminedCertificate, ExaminedUpload, ExamineElsewhere } from './examine.ts';
import { findCertificates, findKeysIn } from './find-keys.ts';
import { newRevocations, revokes } from './new-revocations.ts';
import type { Permission } from './push-permission.ts';
import type {
  AcceptedCertificate,
  RefusalCode,
  RefusedCertificate,
  SubmissionReport,
  Submit,
  SubmitOptions,
} from './submission.ts';
import { fingerprintsOf, recordOf } from './terms.ts';

export interface SubmitParts {
  readonly keystore: Keystore;
  readonly limits: CheckLimits;
  readonly thirdParty: ThirdPartyMode;
  /** Fingerprints, upper-case, of primary keys and subkeys that are not taken. */
  readonly blocked: ReadonlySet<string>;
  /** Examines uploads in threads. Absent, and where it answers nothing: they are examined here. */
  readonly examineElsewhere?: ExamineElsewhere;
}

/** Either what became of a certificate, or why it was refused. */
type Outcome = AcceptedCertificate | RefusedCertificate;

export function createSubmit(parts: SubmitParts): Submit {
  return async (bytes, options) => {
    const outcomes: Outcome[] = [];
    // What is kept unchanged can be told here only.
    const elsewhere = options.noModification ? undefined : await parts.examineElsewhere?.(bytes);
    const { certificates, revocations } = elsewhere ?? examineHere(parts, bytes);
    // One after the other: a certificate may have signatures by keys of those before it.
    const take = async (one: ExaminedCertificate | RefusedCertificate): Promise<void> =>
      void outcomes.push(await submitExamined(parts, one, options));
    // Those that are there are not waited for: a load would spend a twentieth of its time on it.
    if (Symbol.asyncIterator in certificates) for await (const one of certificates) await take(one);
    else for (const one of certificates) await take(one);
    const budget = new VerificationBudget(MAX_VERIFICATIONS_PER_UPLOAD);
    for (const revocation of revocations) {
      if (!budget.take()) {
        outcomes.push({ code: 'UPLOAD_TOO_LARGE', reason: TOO_MANY });
        break;
      }
      outcomes.push(...(await submitRevocation(parts, revocation, { ...options, budget })));
    }
    if (outcomes.length === 0) {
      throw new OpenPgpError('NOTHING_VALID', 'no certificate and no key revocation found in the upload');
    }
    return report(outcomes);
  };
}

/** An upload as it is examined; throws what `readKeyring` throws. */
function examineHere(parts: SubmitParts, bytes: Uint8Array): ExaminedUpload {
  const { certificates, revocations } = readKeyring(bytes);
  const { limits, thirdParty, keystore } = parts;
  const budget = new VerificationBudget(MAX_VERIFICATIONS_PER_UPLOAD);
  const options = { limits, thirdParty, findKeys: findKeysIn(keystore), verify: verifyForStore, budget };
  return { certificates: examineEach(certificates, options), revocations };
}

async function submitExamined(
  parts: SubmitParts,
  examined: ExaminedCertificate | RefusedCertificate,
  { noModification, pusher }: SubmitOptions,
): Promise<Outcome> {
  if ('code' in examined) return examined;
  const { version, fingerprint, fingerprints } = examined;
  const refuse = (code: RefusalCode, reason: string): RefusedCertificate => ({
    version,
    fingerprint,
    code,
    reason,
  });
  try {
    if (await isBlocked(parts, fingerprints)) return refuse('BLOCKED', NOT_TAKEN);
    const permission: Permission = (await pusher?.permits(certificateOf(examined))) ?? ALL;
    if (permission.kind === 'none') return refuse('FORBIDDEN', permission.reason);
    if (noModification && !isWhole(examined)) return refuse('WOULD_MODIFY', NOT_WHOLE);
    if (permission.kind === 'all') return await store(parts, examined);
    const { reason } = permission;
    return await storeRevocations(parts, certificateOf(examined), { noModification, reason });
  } catch (error) {
    if (error instanceof OpenPgpError) return refuse(error.code, error.message);
    throw error;
  }
}

/** With `needsHeld` the certificate is no more than revocations: nothing to store when its key has gone meanwhile. */
async function store(
  parts: SubmitParts,
  examined: ExaminedCertificate,
  needsHeld = false,
): Promise<AcceptedCertificate | RefusedCertificate> {
  const { version, fingerprint, leftOut, awaited } = examined;
  let fitted: Fitted | undefined;
  const update = await parts.keystore.update(fingerprint, (held) => {
    fitted = undefined;
    if (held === undefined) return needsHeld ? undefined : examined.record;
    // Merging is idempotent.
    if (Buffer.compare(held.bytes, examined.record.bytes) === 0) return undefined;
    fitted = mergeWithin(parseCertificate(held.bytes), certificateOf(examined), parts.limits);
    return recordOf(fitted.certificate);
  });
  const fingerprints = fitted === undefined ? examined.fingerprints : fingerprintsOf(fitted.certificate);
  const { outcome } = update;
  if (outcome === 'blocked' || (await isTakenOut(parts, fingerprint, fingerprints))) {
    return { version, fingerprint, code: 'BLOCKED', reason: NOT_TAKEN };
  }
  if (outcome === 'unchanged' && update.record === undefined) {
    return { version, fingerprint, code: 'REVOCATION_WITHOUT_CERTIFICATE', reason: NOT_HELD };
  }
  return {
    version: version === 6 ? 6 : 4,
    fingerprint,
    outcome,
    leftOut: [...leftOut, ...(fitted?.leftOut ?? [])],
    ...(awaited.length > 0 && { awaited }),
  };
}

/** Adds to what is held that its owner takes something back, and nothing else; `reason` says why not more. */
async function storeRevocations(
  parts: SubmitParts,
  offered: Certificate,
  { noModification, reason }: { readonly noModification: boolean; readonly reason: string },
): Promise<Outcome> {
  const { keystore, limits } = parts;
  const { fingerprint, version } = offered.primary.key;
  const bytes = await keystore.bytes(fingerprint);
  const held = bytes === undefined ? undefined : parseCertificate(bytes);
  const added = held && (await newRevocations(held, offered, findKeysIn(keystore)));
  if (held === undefined || added === undefined) return { version, fingerprint, code: 'FORBIDDEN', reason };
  const all = serializeCertificate(mergeWithin(held, offered, limits).certificate);
  const whole = Buffer.compare(all, serializeCertificate(mergeWithin(held, added, limits).certificate)) === 0;
  if (noModification && !whole) return { version, fingerprint, code: 'WOULD_MODIFY', reason: NOT_WHOLE };
  const leftOut = whole ? [] : [{ what: 'part that is not a revocation', why: reason, count: 1 }];
  return store(parts, revocationsOnly(added, leftOut), true);
}

const ALL: Permission = { kind: 'all' };
const NOT_TAKEN = 'this server does not take this key';
const NOT_HELD = 'a key revocation without its key, and no key held here that it revokes; send the key too';
const TOO_MANY = 'too many key revocations in one upload; send them in parts';
const NOT_WHOLE = 'parts of it would not be kept, and options=nm asks to keep all or nothing';

async function isBlocked(
  { keystore, blocked }: SubmitParts,
  fingerprints: readonly string[],
): Promise<boolean> {
  if (fingerprints.some((one) => blocked.has(one))) return true;
  return (await keystore.tombstones(fingerprints)).length > 0;
}

/**
 * A key may have been removed after it was asked for, and before the certificate was stored: then whoever
 * removed it did not find the certificate, and it is taken out here.
 */
async function isTakenOut(
  { keystore }: SubmitParts,
  fingerprint: string,
  fingerprints: readonly string[],
): Promise<boolean> {
  const [tombstone] = await keystore.tombstones(fingerprints);
  if (tombstone === undefined) return false;
  if (tombstone.fingerprint !== fingerprint) await keystore.remove({ ...tombstone, fingerprint });
  return true;
}

/** Revocations on what is held, which are nothing to be stored by themselves. */
function revocationsOnly(certificate: Certificate, leftOut: readonly LeftOut[]): ExaminedCertificate {
  const { version, fingerprint } = certificate.primary.key;
  const fingerprints = fingerprintsOf(certificate);
  return { version, fingerprint, fingerprints, record: recordOf(certificate), leftOut, awaited: [] };
}

/** A bare revocation takes effect on every held certificate that it verifies for; there is one, or none. */
async function submitRevocation(
  parts: SubmitParts,
  revocation: Signature,
  { pusher, budget }: SubmitOptions & { readonly budget: VerificationBudget },
): Promise<Outcome[]> {
  const { keystore, limits } = parts;
  const outcomes: Outcome[] = [];
  for (const candidate of await findCertificates(keystore, revocation.issuers)) {
    const { key } = candidate.primary;
    if (!budget.take() || !(await revokes(revocation, candidate, findKeysIn(keystore)))) continue;
    const permission: Permission = (await pusher?.permits(candidate)) ?? ALL;
    if (permission.kind === 'none') {
      const { version, fingerprint } = key;
      outcomes.push({ version, fingerprint, code: 'FORBIDDEN', reason: permission.reason });
      continue;
    }
    const sorted = sortSignatures([revocation.packet], { primary: key, limits, tally: new Tally() });
    const signatures = [...sorted.own, ...sorted.others];
    const certificate: Certificate = { primary: { key, signatures }, userIds: [], subkeys: [] };
    outcomes.push(await store(parts, revocationsOnly(certificate, []), true));
  }
  if (outcomes.length > 0) return outcomes;
  const [issuer] = revocation.issuers;
  return [
    {
      ...(issuer?.fingerprint !== undefined && { fingerprint: issuer.fingerprint }),
      code: 'REVOCATION_WITHOUT_CERTIFICATE',
      reason: NOT_HELD,
    },
  ];
}

/** One entry a certificate, however often it was in the upload. */
function report(outcomes: readonly Outcome[]): SubmissionReport {
  const accepted = new Map<string, AcceptedCertificate>();
  const refused: RefusedCertificate[] = [];
  for (const outcome of outcomes) {
    if ('code' in outcome) {
      refused.push(outcome);
      continue;
    }
    const before = accepted.get(outcome.fingerprint);
    const combined =
      before === undefined
        ? outcome
        : {
            ...outcome,
            outcome: before.outcome === 'unchanged' ? outcome.outcome : before.outcome,
            leftOut: [...before.leftOut, ...outcome.leftOut],
          };
    accepted.set(outcome.fingerprint, combined);
  }
  return { accepted: [...accepted.values()], refused };
}
