/*
 * What an image's bytes prove whoever's keys are known. Nothing here is authenticated: anybody may have
 * written the signatures, so what they can make this room do is bounded before it is done.
 */
import type { ByteSource } from '../bytes/byte-source.ts';
import { DATA_TYPE, dataTypeName } from '../sif/data-type.ts';
import type { Descriptor } from '../sif/descriptor.ts';
import { isPrimaryPartition } from '../sif/extra.ts';
import { openSif } from '../sif/image.ts';
import type { SifImage } from '../sif/image.ts';
import { payloadText } from './authenticate-envelope.ts';
import { claimedFingerprint, formFault } from './authenticate-message.ts';
import { BAD_HASH_TYPE, hashOf } from './authenticate.ts';
import { digestContents } from './content-digests.ts';
import type { ContentDigests, ReadingOptions, WantedDigest } from './content-digests.ts';
import { checkCoverage, DescriptorDigests } from './coverage.ts';
import type { ExpectedContent } from './coverage.ts';
import { IntegrityError } from './error.ts';
import { EVIDENCE_VERSION } from './evidence.ts';
import type { EvidenceFault, ImageEvidence, ObjectEvidence, SignatureEvidence } from './evidence.ts';
import { legacyObjectSignatures } from './legacy-objects.ts';
import {
  MAX_EVIDENCE_DESCRIPTORS,
  MAX_EVIDENCE_DIGESTS,
  MAX_EVIDENCE_METADATA_OCTETS,
  MAX_EVIDENCE_SIGNATURE_OCTETS,
  MAX_EVIDENCE_SIGNATURES,
} from './limits.ts';
import { readMetadata } from './metadata.ts';
import type { ImageMetadata } from './metadata.ts';
import { readSignatureContent } from './signature-content.ts';
import type { SignatureContent } from './signature-content.ts';
import { badMetadata } from './statement.ts';
import { faultsOf, groupsOf, selectTasks, strayObjects } from './task.ts';
import type { Task } from './task.ts';
import { trailingOctets } from './trailing-octets.ts';

export type EvidenceOptions = Pick<ReadingOptions, 'onProgress' | 'signal' | 'beside'>;

/**
 * Reads the whole image once. Throws `TOO_MUCH_DATA` for more signatures, objects or digests than the limits
 * allow, before contents are read, and what opening an image and reading the source throw.
 */
export async function readEvidence(
  source: ByteSource,
  { onProgress, signal, beside }: EvidenceOptions = {},
): Promise<ImageEvidence> {
  const image = await openSif(source);
  checkNumbers(image);
  const groups = groupsOf(image);
  const descriptors = new DescriptorDigests(image);
  const findings: Finding[] = [];
  const legacy: number[] = [];
  for (const task of groups.length === 0 ? [] : selectTasks(groups, {})) {
    for (const descriptor of task.group.signatures) {
      const finding = await examine(image, task, descriptor, descriptors);
      if (finding === 'legacy') legacy.push(descriptor.id);
      else findings.push(finding);
    }
  }
  const wanted = wantedDigests(findings);
  const options = {
    wholeFile: 'always',
    ...(onProgress && { onProgress }),
    ...(signal && { signal }),
    ...(beside && { beside }),
  } as const;
  const digests = await digestContents(image, wanted, options);
  return {
    version: EVIDENCE_VERSION,
    sha256: digests.file ?? '',
    size: source.size,
    faults: faultsOf(image),
    // A signature in a group is content of it: without one of its own the group is unsigned.
    objects: image.descriptors
      .filter(({ groupId, type }) => type !== DATA_TYPE.signature || groupId !== 0)
      .map(objectEvidence),
    signatures: findings
      .toSorted((a, b) => a.descriptor.slot - b.descriptor.slot)
      .map((finding) => signatureEvidence(finding, digests)),
    legacySignatures: [...legacy, ...(await legacyObjectSignatures(image))].toSorted((a, b) => a - b),
    strayObjects: strayObjects(image, groups),
    trailingOctets: trailingOctets(image),
  };
}

function checkNumbers({ descriptors }: SifImage): void {
  if (descriptors.length > MAX_EVIDENCE_DESCRIPTORS) {
    throw tooMuch(`the image has ${descriptors.length} objects; ${MAX_EVIDENCE_DESCRIPTORS} are allowed`);
  }
  const signatures = descriptors.filter(({ type }) => type === DATA_TYPE.signature);
  if (signatures.length > MAX_EVIDENCE_SIGNATURES) {
    throw tooMuch(`the image has ${signatures.length} signatures; ${MAX_EVIDENCE_SIGNATURES} are allowed`);
  }
  for (const { id, size } of signatures) {
    if (size > MAX_EVIDENCE_SIGNATURE_OCTETS) {
      throw tooMuch(`signature ${id} has ${size} octets; ${MAX_EVIDENCE_SIGNATURE_OCTETS} are allowed`);
    }
  }
}

/** What a signature comes to, before contents are read. */
interface Finding {
  readonly descriptor: Descriptor;
  readonly group: number;
  readonly format: SignatureEvidence['format'];
  readonly claimed: string | undefined;
  /** The signature object, when keys may be tried on it. */
  readonly message: Uint8Array | undefined;
  readonly expected: readonly ExpectedContent[];
  readonly fault: EvidenceFault | undefined;
}

async function examine(
  image: SifImage,
  task: Task,
  descriptor: Descriptor,
  descriptors: DescriptorDigests,
): Promise<Finding | 'legacy'> {
  const octets = await image.read(descriptor, MAX_EVIDENCE_SIGNATURE_OCTETS);
  const content = readSignatureContent(octets);
  if (content.kind === 'legacy') return 'legacy';
  const form = formFaultOf(descriptor, content);
  const about = {
    descriptor,
    group: task.group.id,
    format: content.kind === 'bad' ? content.format : content.kind,
    claimed: claimedFingerprint(descriptor, content.kind === 'pgp' ? content.message : undefined),
    message: content.kind === 'pgp' && form === undefined ? octets : undefined,
  };
  if (form !== undefined || content.kind === 'bad') return { ...about, expected: [], fault: form };
  const metadata = metadataOf(descriptor, content);
  if (typeof metadata === 'string') return { ...about, expected: [], fault: badMetadata(metadata) };
  const covered = checkCoverage(task, metadata, image, descriptors);
  return 'reason' in covered
    ? { ...about, expected: [], fault: covered }
    : { ...about, expected: covered, fault: undefined };
}

/** What makes a signature useless by itself; keys are not tried on it. */
function formFaultOf(
  descriptor: Descriptor,
  content: Exclude<SignatureContent, { kind: 'legacy' }>,
): EvidenceFault | undefined {
  if (content.kind === 'bad') return { reason: 'BAD_FORMAT', detail: content.detail };
  if (hashOf(descriptor) === undefined) return BAD_HASH_TYPE;
  return content.kind === 'pgp' ? formFault(content.message) : undefined;
}

function metadataOf(
  { id }: Descriptor,
  content: Extract<SignatureContent, { kind: 'pgp' | 'dsse' }>,
): ImageMetadata | string {
  const octets = content.kind === 'pgp' ? content.message.signedOctets : content.envelope.payload;
  if (octets.length > MAX_EVIDENCE_METADATA_OCTETS) {
    throw tooMuch(
      `signature ${id} says ${octets.length} octets; ${MAX_EVIDENCE_METADATA_OCTETS} are allowed`,
    );
  }
  return readMetadata(content.kind === 'pgp' ? content.message.text : payloadText(content.envelope));
}

/** Each digest is one more time that the whole object is hashed. */
function wantedDigests(findings: readonly Finding[]): WantedDigest[] {
  const names = new Map<number, Set<string>>();
  const wanted = findings.flatMap(({ expected }) =>
    expected.map(({ object, digest: { name } }) => ({ object, name })),
  );
  for (const { object, name } of wanted) {
    const ofObject = names.get(object.id) ?? new Set();
    names.set(object.id, ofObject.add(name));
    if (ofObject.size > MAX_EVIDENCE_DIGESTS) {
      throw tooMuch(
        `signatures use more than ${MAX_EVIDENCE_DIGESTS} kinds of digests for object ${object.id}`,
      );
    }
  }
  return wanted;
}

function signatureEvidence(
  { descriptor, group, format, claimed, message, expected, fault }: Finding,
  digests: ContentDigests,
): SignatureEvidence {
  const [unlike] = expected.filter(
    ({ object, digest: { name, hex } }) => digests.hex({ object, name }) !== hex,
  );
  const found = fault ?? (unlike && contentChanged(unlike));
  return {
    id: descriptor.id,
    group,
    format,
    ...(claimed !== undefined && { claimedFingerprint: claimed }),
    ...(message && { message: Buffer.from(message).toString('base64') }),
    covers: expected
      .filter(({ object, digest: { name, hex } }) => digests.hex({ object, name }) === hex)
      .map(({ object }) => object.id),
    ...(found && { fault: found }),
  };
}

function contentChanged({ object: { id } }: ExpectedContent): EvidenceFault {
  return {
    reason: 'CONTENT_CHANGED',
    detail: `the content of object ${id} is not the signed one`,
    objectId: id,
  };
}

function objectEvidence(descriptor: Descriptor): ObjectEvidence {
  const { id, groupId, type } = descriptor;
  return {
    id,
    ...(groupId !== 0 && { group: groupId }),
    type: dataTypeName(type),
    primary: isPrimaryPartition(descriptor),
  };
}

function tooMuch(what: string): IntegrityError {
  return new IntegrityError('TOO_MUCH_DATA', what);
}
