/* The one way a certificate gets into the store: read, check, merge, store, tell. */
import type { Keystore } from '../keystore/keystore.ts';
import { packetsOf, parseCertificate } from '../openpgp/certificate.ts';
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
import { isValidRevocation } from '../openpgp/revoker.ts';
import { claimedIssuers, mayBeIssuedBy } from '../openpgp/signature.ts';
import type { Signature } from '../openpgp/signature.ts';
import { Tally } from '../openpgp/tally.ts';
import { VerificationBudget } from '../openpgp/verification-budget.ts';
import type { ThirdPartyMode } from '../openpgp/third-party.ts';
import { findCertificates, findKeysIn } from './find-keys.ts';
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
      outcomes.push(...(await submitRevocation(parts, revocation)));
    if (outcomes.length === 0) {
      throw new OpenPgpError('NOTHING_VALID', 'no certificate and no key revocation found in the upload');
    }
    return report(outcomes);
  };
}

async function submitCertificate(
  parts: SubmitParts,
  group: PacketGroup,
  { noModification, budget }: SubmitOptions & { readonly budget: VerificationBudget },
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
    const checked = await checkCertificate(group, { limits, thirdParty, findKeys, budget });
    if (isBlocked(checked.certificate, parts.blocked))
      return refuse('BLOCKED', 'this server does not take this key');
    if (noModification && !isWhole(checked, group)) {
      return refuse(
        'WOULD_MODIFY',
        'parts of it would not be kept, and options=nm asks to keep all or nothing',
      );
    }
    return await store(parts, checked);
  } catch (error) {
    if (error instanceof OpenPgpError) return refuse(error.code, error.message);
    throw error;
  }
}

async function store(
  { keystore, limits }: SubmitParts,
  { certificate, leftOut }: CheckedCertificate,
): Promise<AcceptedCertificate> {
  const { fingerprint, version } = certificate.primary.key;
  let fitted: Fitted = { certificate, leftOut: [] };
  const update = await keystore.update(fingerprint, (held) => {
    fitted =
      held === undefined
        ? { certificate, leftOut: [] }
        : mergeWithin(parseCertificate(held.bytes), certificate, limits);
    return recordOf(fitted.certificate);
  });
  return {
    version: version === 6 ? 6 : 4,
    fingerprint,
    outcome: update.outcome,
    leftOut: [...leftOut, ...fitted.leftOut],
  };
}

function isBlocked({ primary, subkeys }: Certificate, blocked: ReadonlySet<string>): boolean {
  return blocked.has(primary.key.fingerprint) || subkeys.some(({ key }) => blocked.has(key.fingerprint));
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
async function submitRevocation(parts: SubmitParts, revocation: Signature): Promise<Outcome[]> {
  const { keystore, limits } = parts;
  const outcomes: Outcome[] = [];
  const candidates = await findCertificates(keystore, claimedIssuers(revocation));
  for (const candidate of candidates) {
    const { key } = candidate.primary;
    const own = [candidate.primary, ...candidate.userIds]
      .flatMap(({ signatures }) => signatures)
      .filter((one) => mayBeIssuedBy(one, key));
    if (!(await isValidRevocation(revocation, { key, own }, findKeysIn(keystore)))) continue;
    const sorted = sortSignatures([revocation.packet], { primary: key, limits, tally: new Tally() });
    const signatures = [...sorted.own, ...sorted.others];
    outcomes.push(
      await store(parts, {
        certificate: { primary: { key, signatures }, userIds: [], subkeys: [] },
        leftOut: [],
      }),
    );
  }
  if (outcomes.length > 0) return outcomes;
  const [issuer] = claimedIssuers(revocation);
  return [
    {
      ...(issuer?.fingerprint !== undefined && { fingerprint: issuer.fingerprint }),
      code: 'REVOCATION_WITHOUT_CERTIFICATE',
      reason: 'a key revocation without its key, and no key held here that it revokes; send the key too',
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
