/*
 * The part of taking a certificate in that needs no store: it may run in another thread, so what comes out is plain
 * data, ready to be stored.
 */
import type { NewRecord } from '../keystore/keystore.ts';
import { packetsOf, parseCertificate } from '../openpgp/certificate.ts';
import type { Certificate } from '../openpgp/certificate.ts';
import { checkCertificate } from '../openpgp/check.ts';
import type { CheckedCertificate, CheckOptions } from '../openpgp/check.ts';
import { OpenPgpError } from '../openpgp/error.ts';
import { fingerprintOf } from '../openpgp/fingerprint.ts';
import type { LeftOut } from '../openpgp/left-out.ts';
import type { PacketGroup } from '../openpgp/packet-group.ts';
import type { Packet } from '../openpgp/packet.ts';
import { keyVersion } from '../openpgp/public-key.ts';
import { trustCertificate } from '../openpgp/trusted-certificate.ts';
import type { Signature } from '../openpgp/signature.ts';
import type { RefusalCode, RefusedCertificate } from './submission.ts';
import { fingerprintsOf, recordOf } from './terms.ts';

/** A certificate that was checked. */
export interface ExaminedCertificate {
  readonly version: number;
  /** Of the primary key. */
  readonly fingerprint: string;
  /** Of the primary key and of all subkeys. */
  readonly fingerprints: readonly string[];
  /** As it is stored where nothing is held yet. */
  readonly record: NewRecord;
  readonly leftOut: readonly LeftOut[];
  /** As `CheckedCertificate` has it. */
  readonly awaited: readonly string[];
  /** Present where it was examined in this thread. */
  readonly original?: {
    /** What `record` holds. */
    readonly certificate: Certificate;
    readonly group: PacketGroup;
  };
}

/** The certificates of an upload in their order, and its bare revocations. */
export interface ExaminedUpload {
  readonly certificates:
    | readonly (ExaminedCertificate | RefusedCertificate)[]
    | AsyncIterable<ExaminedCertificate | RefusedCertificate>;
  readonly revocations: readonly Signature[];
}

/**
 * Examines an upload in another thread. Undefined when that takes the store: a signature by another key counts
 * when that key is held. Rejects as `readKeyring` throws.
 */
export type ExamineElsewhere = (keyring: Uint8Array) => Promise<ExaminedUpload | undefined>;

/**
 * Checks certificates, each when it is asked for: those last whose revokers are in the same upload, and held when the
 * others are stored.
 */
export async function* examineEach(
  groups: readonly PacketGroup[],
  options: CheckOptions,
): AsyncGenerator<ExaminedCertificate | RefusedCertificate> {
  const offered = new Set(groups.length > 1 ? groups.map(({ primary }) => fingerprintOfKey(primary)) : []);
  const later: PacketGroup[] = [];
  for (const group of groups) {
    const one = await examineGroup(group, options);
    if (!('code' in one) && one.awaited.some((revoker) => offered.has(revoker))) later.push(group);
    else yield one;
  }
  for (const group of later) yield await examineGroup(group, options);
}

/** Checks one certificate of an upload. Never throws an `OpenPgpError`: that is a refusal. */
export async function examineGroup(
  group: PacketGroup,
  options: CheckOptions,
): Promise<ExaminedCertificate | RefusedCertificate> {
  return examineBy(group, () => checkCertificate(group, options));
}

/** Examines a certificate of a dump that is trusted. */
export function examineTrusted(
  group: PacketGroup,
  options: Pick<CheckOptions, 'limits' | 'thirdParty'>,
): Promise<ExaminedCertificate | RefusedCertificate> {
  return examineBy(group, () => trustCertificate(group, options));
}

async function examineBy(
  group: PacketGroup,
  check: () => CheckedCertificate | Promise<CheckedCertificate>,
): Promise<ExaminedCertificate | RefusedCertificate> {
  try {
    return examined(await check(), group);
  } catch (error) {
    if (error instanceof OpenPgpError) return refused(group, error.code, error.message);
    throw error;
  }
}

function examined(
  { certificate, leftOut, awaited }: CheckedCertificate,
  group: PacketGroup,
): ExaminedCertificate {
  const { key } = certificate.primary;
  return {
    version: key.version,
    fingerprint: key.fingerprint,
    fingerprints: fingerprintsOf(certificate),
    record: recordOf(certificate),
    leftOut,
    awaited,
    original: { certificate, group },
  };
}

/** The certificate itself, for who asks more of it than to store it. */
export function certificateOf({
  original,
  record,
}: Pick<ExaminedCertificate, 'original' | 'record'>): Certificate {
  return original?.certificate ?? parseCertificate(record.bytes);
}

/** True when every packet of the upload is kept as it came; false where it was examined in another thread. */
export function isWhole({ original, leftOut }: ExaminedCertificate): boolean {
  if (original === undefined || leftOut.length > 0) return false;
  const { certificate, group } = original;
  const kept = new Set(packetsOf(certificate).map(({ raw }) => Buffer.from(raw).toString('latin1')));
  const components = [...group.userIds, ...group.subkeys];
  const offered = [
    group.primary,
    ...group.direct,
    ...components.flatMap(({ packet, signatures }) => [packet, ...signatures]),
  ];
  return offered.every(({ raw }) => kept.has(Buffer.from(raw).toString('latin1')));
}

function refused({ primary }: PacketGroup, code: RefusalCode, reason: string): RefusedCertificate {
  const version = keyVersion(primary);
  const fingerprint = fingerprintOfKey(primary);
  return { version, ...(fingerprint !== undefined && { fingerprint }), code, reason };
}

/** Undefined for a key of a version that has none. */
function fingerprintOfKey(primary: Packet): string | undefined {
  const version = keyVersion(primary);
  return version >= 4 && version <= 6 ? fingerprintOf(version, primary.body) : undefined;
}
