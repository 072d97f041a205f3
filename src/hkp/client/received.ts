/* Certificates out of an answer: computed and checked here, whatever the server says that they are. */
import { dearmor } from '../../openpgp/armor.ts';
import type { Certificate } from '../../openpgp/certificate.ts';
import { checkCertificate } from '../../openpgp/check.ts';
import { OpenPgpError } from '../../openpgp/error.ts';
import { readKeyring } from '../../openpgp/keyring.ts';
import { DEFAULT_CHECK_LIMITS } from '../../openpgp/limits.ts';
import { mergeCertificates } from '../../openpgp/merge.ts';
import type { PacketGroup } from '../../openpgp/packet-group.ts';
import { readPublicKey } from '../../openpgp/public-key.ts';
import type { PublicKey } from '../../openpgp/public-key.ts';
import { verifySignature } from '../../openpgp/verify.ts';
import { HkpClientError } from './error.ts';
import { MAX_CERTIFICATES_PER_ANSWER } from './limits.ts';

export interface Received {
  readonly certificates: readonly Certificate[];
  /** Fingerprints of revokers that their owners named, and revocations by whom were left out without their keys. */
  readonly awaited: readonly string[];
}

/**
 * The certificates in an answer that have the key asked for, as primary key or bound subkey, each once. Throws
 * `WRONG_CERTIFICATE` when there are only others, `BAD_ANSWER` when there are none.
 */
export async function receivedCertificates(
  body: Buffer,
  isWanted: (key: PublicKey) => boolean,
  revokers: readonly PublicKey[] = [],
): Promise<Received> {
  const groups = readGroups(body);
  if (groups.length === 0) throw new HkpClientError('BAD_ANSWER', 'its answer holds no certificate');
  const found = new Map<string, Certificate>();
  const missing = new Set<string>();
  let broken: OpenPgpError | undefined;
  for (const group of groups.filter((one) => mayBeWanted(one, isWanted))) {
    try {
      const { certificate, awaited } = await checkCertificate(group, {
        limits: DEFAULT_CHECK_LIMITS,
        thirdParty: 'strip',
        findKeys: () => Promise.resolve(revokers),
        verify: verifySignature,
      });
      if (!has(certificate, isWanted)) continue;
      for (const revoker of awaited) missing.add(revoker);
      const { fingerprint } = certificate.primary.key;
      const before = found.get(fingerprint);
      found.set(fingerprint, before === undefined ? certificate : mergeCertificates(before, certificate));
    } catch (error) {
      if (!(error instanceof OpenPgpError)) throw error;
      broken ??= error;
    }
  }
  if (found.size > 0) return { certificates: [...found.values()], awaited: [...missing] };
  if (broken !== undefined) {
    throw new HkpClientError('BAD_ANSWER', `the certificate it sent cannot be used: ${broken.message}`);
  }
  throw new HkpClientError('WRONG_CERTIFICATE', 'it sent another key than the one that was asked for');
}

function readGroups(body: Buffer): PacketGroup[] {
  try {
    // RFC 9580 §4.2: the first bit of a packet is set, which no character of armor has.
    const binary = ((body[0] ?? 0) & 0x80) !== 0;
    const blocks = binary ? [body] : dearmor(body).map(({ data }) => data);
    const groups = blocks.flatMap((block) => readKeyring(block).certificates);
    if (groups.length <= MAX_CERTIFICATES_PER_ANSWER) return groups;
  } catch (cause) {
    if (!(cause instanceof OpenPgpError)) throw cause;
    throw new HkpClientError('BAD_ANSWER', `its answer is not a certificate: ${cause.message}`, { cause });
  }
  throw new HkpClientError(
    'BAD_ANSWER',
    `its answer holds more than ${MAX_CERTIFICATES_PER_ANSWER} certificates`,
  );
}

/** Before anything is verified, which costs time. */
function mayBeWanted(group: PacketGroup, isWanted: (key: PublicKey) => boolean): boolean {
  return [group.primary, ...group.subkeys.map(({ packet }) => packet)].some((packet) => {
    try {
      return isWanted(readPublicKey(packet));
    } catch (error) {
      if (error instanceof OpenPgpError) return false;
      throw error;
    }
  });
}

function has({ primary, subkeys }: Certificate, isWanted: (key: PublicKey) => boolean): boolean {
  return isWanted(primary.key) || subkeys.some(({ key }) => isWanted(key));
}
