/* The one way a certificate gets into the store: read, check, merge, store, tell. */
import type { Keystore } from '../keystore/keystore.ts';
import { packetsOf, parseCertificate, serializeCertificate } from '../openpgp/certificate.ts';
import type { Certificate } from '../openpgp/certificate.ts';
import { sortSignatures } from '../openpgp/check-signatures.ts';
import { checkCertificate } from '../openpgp/check.ts';
import type { CheckedCertificate } from '../openpgp/check.ts';
import { OpenPgpError } from '../openpgp/error.ts';
import { mergeWithin } from '../openpgp/fit.ts';
import type { Fitted } from '../openpgp/fit.ts';
import { fingerprintOf } from '../openpgp/fingerprint.ts';
import { readKeyring } from '../openpgp/keyring.ts';
import { MAX_VERIFICATIONS_PER_UPLOAD } from '../openpgp/limits.ts';
import type { CheckLimits } from '../openpgp/limits.ts';
import type { PacketGroup } from '../openpgp/packet-group.ts';
import { keyVersion } from '../openpgp/public-key.ts';
import { claimedIssuers } from '../openpgp/signature.ts';
import type { Signature } from '../openpgp/signature.ts';
import { Tally } from '../openpgp/tally.ts';
import { VerificationBudget } from '../openpgp/verification-budget.ts';
import type { ThirdPartyMode } from '../openpgp/third-party.ts';
import { verifyForStore } from '../openpgp/verify-for-store.ts';
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
import { recordOf } from './terms.ts';

export interface SubmitParts {
  readonly keystore: Keystore;
  readonly limits: CheckLimits;
  readonly thirdParty: ThirdPartyMode;
  /** Fingerprints, upper-case, of primary keys and subkeys that are not taken. */
  readonly blocked: ReadonlySet<string>;
}

/** Either what became of a certificate, or why it was refused. */
type Outcome = AcceptedCertificate | RefusedCertificate;

export function createSubmit(parts: SubmitParts): Submit {
  return async (bytes, options) => {
    const keyring = readKeyring(bytes);
    const outcomes: Outcome[] = [];
    const upload = { ...options, budget: new VerificationBudget(MAX_VERIFICATIONS_PER_UPLOAD) };
    for (const group of keyring.certificates) outcomes.push(await submitCertificate(parts, group, upload));
    for (const revocation of keyring.revocations)
      outcomes.push(...(await submitRevocation(parts, revocation, options)));
    if (outcomes.length === 0) {
      throw new OpenPgpError('NOTHING_VALID', 'no certificate and no key revocation found in the upload');
    }
    return report(outcomes);
  };
}

async function submitCertificate(
  parts: SubmitParts,
  group: PacketGroup,
  { noModification, pusher, budget }: SubmitOptions & { readonly budget: VerificationBudget },
): Promise<Outcome> {
  const { keystore, limits, thirdParty } = parts;
  const version = keyVersion(group.primary);
  const named =
    version >= 4 && version <= 6
      ? { version, fingerprint: fingerprintOf(version, group.primary.body) }
      : { version };
  const refuse = (code: RefusalCode, reason: string): RefusedCertificate => ({ ...named, code, reason });
  try {
    const findKeys = findKeysIn(keystore);
    const checked = await checkCertificate(group, {
      limits,
      thirdParty,
      findKeys,
      verify: verifyForStore,
      budget,
    });
    if (await isBlocked(parts, checked.certificate)) return refuse('BLOCKED', NOT_TAKEN);
    const permission: Permission = (await pusher?.permits(checked.certificate)) ?? ALL;
    if (permission.kind === 'none') return refuse('FORBIDDEN', permission.reason);
    if (noModification && !isWhole(checked, group)) return refuse('WOULD_MODIFY', NOT_WHOLE);
    if (permission.kind === 'all') return await store(parts, checked);
    const { reason } = permission;
    return await storeRevocations(parts, checked.certificate, { noModification, reason });
  } catch (error) {
    if (error instanceof OpenPgpError) return refuse(error.code, error.message);
    throw error;
  }
}

/** With `needsHeld` the certificate is no more than revocations: nothing to store when its key has gone meanwhile. */
async function store(
  parts: SubmitParts,
  { certificate, leftOut }: CheckedCertificate,
  needsHeld = false,
): Promise<AcceptedCertificate | RefusedCertificate> {
  const { fingerprint, version } = certificate.primary.key;
  let fitted: Fitted = { certificate, leftOut: [] };
  const { outcome, record } = await parts.keystore.update(fingerprint, (held) => {
    if (held === undefined && needsHeld) return undefined;
    fitted =
      held === undefined
        ? { certificate, leftOut: [] }
        : mergeWithin(parseCertificate(held.bytes), certificate, parts.limits);
    return recordOf(fitted.certificate);
  });
  if (outcome === 'blocked' || (await isTakenOut(parts, fitted.certificate))) {
    return { version, fingerprint, code: 'BLOCKED', reason: NOT_TAKEN };
  }
  if (record === undefined) {
    return { version, fingerprint, code: 'REVOCATION_WITHOUT_CERTIFICATE', reason: NOT_HELD };
  }
  return {
    version: version === 6 ? 6 : 4,
    fingerprint,
    outcome,
    leftOut: [...leftOut, ...fitted.leftOut],
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
  return store(parts, { certificate: added, leftOut }, true);
}

const ALL: Permission = { kind: 'all' };
const NOT_TAKEN = 'this server does not take this key';
const NOT_HELD = 'a key revocation without its key, and no key held here that it revokes; send the key too';
const NOT_WHOLE = 'parts of it would not be kept, and options=nm asks to keep all or nothing';

async function isBlocked({ keystore, blocked }: SubmitParts, certificate: Certificate): Promise<boolean> {
  const fingerprints = fingerprintsOf(certificate);
  if (fingerprints.some((one) => blocked.has(one))) return true;
  return (await keystore.tombstones(fingerprints)).length > 0;
}

/**
 * A key may have been removed after it was asked for, and before the certificate was stored: then whoever
 * removed it did not find the certificate, and it is taken out here.
 */
async function isTakenOut({ keystore }: SubmitParts, certificate: Certificate): Promise<boolean> {
  const { fingerprint } = certificate.primary.key;
  const [tombstone] = await keystore.tombstones(fingerprintsOf(certificate));
  if (tombstone === undefined) return false;
  if (tombstone.fingerprint !== fingerprint) await keystore.remove({ ...tombstone, fingerprint });
  return true;
}

function fingerprintsOf({ primary, subkeys }: Certificate): string[] {
  return [primary, ...subkeys].map(({ key }) => key.fingerprint);
}

/** True when every packet of the upload is kept as it came. */
function isWhole({ certificate, leftOut }: CheckedCertificate, group: PacketGroup): boolean {
  const kept = new Set(packetsOf(certificate).map(({ raw }) => Buffer.from(raw).toString('latin1')));
  const components = [...group.userIds, ...group.subkeys];
  const offered = [
    group.primary,
    ...group.direct,
    ...components.flatMap(({ packet, signatures }) => [packet, ...signatures]),
  ];
  return leftOut.length === 0 && offered.every(({ raw }) => kept.has(Buffer.from(raw).toString('latin1')));
}

/** A bare revocation takes effect on every held certificate that it verifies for; there is one, or none. */
async function submitRevocation(
  parts: SubmitParts,
  revocation: Signature,
  { pusher }: SubmitOptions,
): Promise<Outcome[]> {
  const { keystore, limits } = parts;
  const outcomes: Outcome[] = [];
  for (const candidate of await findCertificates(keystore, claimedIssuers(revocation))) {
    const { key } = candidate.primary;
    if (!(await revokes(revocation, candidate, findKeysIn(keystore)))) continue;
    const permission: Permission = (await pusher?.permits(candidate)) ?? ALL;
    if (permission.kind === 'none') {
      const { version, fingerprint } = key;
      outcomes.push({ version, fingerprint, code: 'FORBIDDEN', reason: permission.reason });
      continue;
    }
    const sorted = sortSignatures([revocation.packet], { primary: key, limits, tally: new Tally() });
    const signatures = [...sorted.own, ...sorted.others];
    const certificate: Certificate = { primary: { key, signatures }, userIds: [], subkeys: [] };
    outcomes.push(await store(parts, { certificate, leftOut: [] }, true));
  }
  if (outcomes.length > 0) return outcomes;
  const [issuer] = claimedIssuers(revocation);
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
