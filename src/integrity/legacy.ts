/*
 * Signatures of Singularity 3.0 to 3.5, for display. They cover the content of an object, or of the objects
 * of a group one after the other, and nothing else: not the header, not what descriptors say, not which
 * objects there are (CVE-2020-13846, CVE-2020-13847). So their report has a type of its own, and nothing
 * that counts signers takes it.
 */
import { createHash } from 'node:crypto';

import { DATA_TYPE } from '../sif/data-type.ts';
import type { Descriptor } from '../sif/descriptor.ts';
import { signatureClaimOf } from '../sif/extra.ts';
import type { SifImage } from '../sif/image.ts';
import { MAX_SIGNATURE_OCTETS } from '../sif/limits.ts';
import { authenticateMessage, claimedFingerprint } from './authenticate-message.ts';
import { DIGESTS } from './digest.ts';
import type { DigestName } from './digest.ts';
import type { KeySource } from './key-source.ts';
import { MAX_SIGNATURES_PER_GROUP } from './limits.ts';
import type { InvalidReason, PgpSigner, SignatureObject, UnknownSigner } from './report.ts';
import { LEGACY_MARK, readSignatureContent } from './signature-content.ts';
import { groupsOf, selectTasks } from './task.ts';
import type { Group, Selection } from './task.ts';

export interface LegacyOptions {
  readonly keys?: KeySource;
  /** Seconds since 1970. */
  readonly at: number;
  /** Group signatures of these groups, object signatures of these objects; nothing given: every group. */
  readonly selection?: Selection;
  /** Instead: object signatures of every object but signatures that is in a group. */
  readonly everyObject?: boolean;
  readonly signal?: AbortSignal;
}

export interface LegacyReport {
  readonly tasks: readonly LegacyTask[];
}

export interface LegacyTask {
  readonly groupId: number;
  /** Set for the signatures of one object. */
  readonly objectId?: number;
  /** True when there are signatures and the contents are as each of them says. No more than that. */
  readonly contentsMatch: boolean;
  readonly objects: readonly number[];
  readonly signatures: readonly LegacySignature[];
}

export type LegacySignature = LegacyMatch | LegacyRefusal | UnknownSigner;

export interface LegacyMatch extends SignatureObject {
  readonly outcome: 'content-matches';
  readonly madeBy: PgpSigner;
  readonly created: number;
}

export interface LegacyRefusal extends SignatureObject {
  readonly outcome: 'invalid';
  readonly reason: InvalidReason;
  readonly detail: string;
  readonly attributedTo?: PgpSigner;
}

/** The digest is of the kind that the descriptor says (sif v2 HashType). */
const LEGACY_DIGESTS: Readonly<Record<number, DigestName>> = { 1: 'sha256', 2: 'sha384', 3: 'sha512' };

/** Throws `NO_SUCH_GROUP` and `NO_SUCH_OBJECT`, and what the key source and reading the file throw. */
export async function verifyLegacy(image: SifImage, options: LegacyOptions): Promise<LegacyReport> {
  const tasks: LegacyTask[] = [];
  for (const { group, only, objects } of legacyTasks(groupsOf(image), options)) {
    const linked = only === undefined ? group.signatures : signaturesOfObject(image, only);
    const signatures: LegacySignature[] = [];
    for (const descriptor of linked.slice(0, MAX_SIGNATURES_PER_GROUP)) {
      const found = await verifyOne(image, descriptor, objects, only === undefined, options);
      if (found !== undefined) signatures.push(found);
    }
    tasks.push({
      groupId: group.id,
      ...(only && { objectId: only.id }),
      contentsMatch:
        signatures.length > 0 &&
        linked.length <= MAX_SIGNATURES_PER_GROUP &&
        signatures.every(({ outcome }) => outcome === 'content-matches'),
      objects: objects.map(({ id }) => id),
      signatures,
    });
  }
  return { tasks };
}

function legacyTasks(
  groups: readonly Group[],
  { selection = {}, everyObject = false }: LegacyOptions,
): ReturnType<typeof selectTasks> {
  if (!everyObject) return groups.length === 0 ? [] : selectTasks(groups, selection);
  const objects = groups.flatMap((group) =>
    group.objects.filter(({ type }) => type !== DATA_TYPE.signature).map(({ id }) => id),
  );
  return objects.length === 0 ? [] : selectTasks(groups, { objects });
}

function signaturesOfObject({ descriptors }: SifImage, { id }: Descriptor): Descriptor[] {
  return descriptors.filter(
    ({ type, link }) => type === DATA_TYPE.signature && link.kind === 'object' && link.id === id,
  );
}

/** Undefined for a modern signature of a group, which is not looked at here. */
async function verifyOne(
  image: SifImage,
  descriptor: Descriptor,
  objects: readonly Descriptor[],
  ofGroup: boolean,
  { keys, at, signal }: LegacyOptions,
): Promise<LegacySignature | undefined> {
  const content = readSignatureContent(await image.read(descriptor, MAX_SIGNATURE_OCTETS));
  if (content.kind !== 'legacy' && ofGroup) return undefined;
  const fingerprint = claimedFingerprint(descriptor);
  const about = {
    signatureId: descriptor.id,
    format: 'pgp',
    ...(fingerprint !== undefined && { claimedFingerprint: fingerprint }),
  } as const;
  if (content.kind !== 'legacy') {
    const detail = 'a signature linked to the object that is not one of this kind';
    return { ...about, outcome: 'invalid', reason: 'BAD_FORMAT', detail };
  }
  const made = await authenticateMessage(about, content.message, keys, at);
  if (made.state === 'unknown') {
    return { ...about, outcome: 'unknown-signer', claims: made.claims, keyIds: [] };
  }
  if (made.state === 'refused') {
    const { reason, detail, attributedTo } = made;
    const by = attributedTo?.kind === 'pgp' && { attributedTo };
    return { ...about, outcome: 'invalid', reason, detail, ...by };
  }
  const fault = await contentFault(image, descriptor, objects, content.message.text, signal);
  return fault === undefined
    ? { ...about, outcome: 'content-matches', madeBy: made.signer, created: made.created }
    : { ...about, outcome: 'invalid', ...fault, attributedTo: made.signer };
}

async function contentFault(
  image: SifImage,
  descriptor: Descriptor,
  objects: readonly Descriptor[],
  text: string,
  signal: AbortSignal | undefined,
): Promise<{ readonly reason: InvalidReason; readonly detail: string } | undefined> {
  const name = LEGACY_DIGESTS[signatureClaimOf(descriptor)?.hash ?? 0];
  const hex = /^([0-9a-f]+)\n?$/.exec(text.slice(LEGACY_MARK.length))?.[1] ?? '';
  if (name === undefined || hex.length !== 2 * DIGESTS[name].octets) {
    return { reason: 'BAD_METADATA', detail: 'what is signed is no digest of the kind the descriptor says' };
  }
  const hash = createHash(DIGESTS[name].node);
  for (const object of objects) {
    for await (const piece of image.data(object)) {
      signal?.throwIfAborted();
      hash.update(piece);
    }
  }
  if (hash.digest('hex') === hex) return undefined;
  return { reason: 'CONTENT_CHANGED', detail: 'the content is not the signed one' };
}
