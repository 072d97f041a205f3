/*
 * Signs images as Go does (sif v2 pkg/integrity/sign.go): for each group one signature object that is in no
 * group and linked to the one it signs. Nothing that is there is changed or removed.
 */
import { fromHex } from '../bytes/hex.ts';
import { signCleartext } from '../openpgp/sign-cleartext.ts';
import type { SigningHash } from '../openpgp/sign-cleartext.ts';
import type { UnlockedKey } from '../openpgp/unlocked-key.ts';
import { addObjects } from '../sif/change-image.ts';
import type { ChangeTime } from '../sif/change-image.ts';
import { DATA_TYPE } from '../sif/data-type.ts';
import type { Descriptor } from '../sif/descriptor.ts';
import type { SifImage } from '../sif/image.ts';
import type { ObjectInput } from '../sif/object-input.ts';
import { signatureExtra } from '../sif/write-extra.ts';
import { digestContents } from './content-digests.ts';
import type { ContentDigests, ReadingOptions } from './content-digests.ts';
import { digestOf } from './digest.ts';
import type { DigestName } from './digest.ts';
import { writeEnvelope } from './dsse.ts';
import { IntegrityError } from './error.ts';
import { writeMetadata } from './metadata.ts';
import type { SigningKey } from './signing-key.ts';
import { faultsOf, groupsOf, selectTasks } from './task.ts';
import type { Group, Selection, Task } from './task.ts';

export type ImageSigner =
  /** Signs with the certificate's primary key, or a subkey if that may not sign. */
  | { readonly kind: 'pgp'; readonly key: UnlockedKey }
  /** Private keys: one envelope with a signature by each. */
  | { readonly kind: 'dsse'; readonly keys: readonly SigningKey[] };

export interface SignOptions extends Omit<ReadingOptions, 'wholeFile'> {
  readonly signer: ImageSigner;
  /** Groups, and objects: those of one group share one signature. Nothing given: every group. */
  readonly selection?: Selection;
  /** Of the change to the image; an image without times stays so unless `time` is given. */
  readonly change: ChangeTime;
  /** Seconds since 1970 that the signature says; the time of the change when not given. DSSE has none. */
  readonly created?: number;
  /** SHA-256 when not given, which is all that is found in images. */
  readonly hash?: SigningHash;
}

export interface SignReport {
  readonly signatures: readonly NewSignature[];
  /** IDs of objects in no group: no signature covers them, and the image will not verify. */
  readonly ungrouped: readonly number[];
}

export interface NewSignature {
  readonly signatureId: number;
  readonly groupId: number;
  /** IDs of the objects that it covers, in table order. */
  readonly objects: readonly number[];
}

interface HashChoice {
  readonly digest: DigestName & ('sha256' | 'sha384' | 'sha512');
  /** In the descriptor (sif v2 HashType). */
  readonly code: number;
}

const HASHES: Readonly<Record<SigningHash, HashChoice>> = {
  SHA256: { digest: 'sha256', code: 1 },
  SHA384: { digest: 'sha384', code: 2 },
  SHA512: { digest: 'sha512', code: 3 },
};

/**
 * Adds signatures to the image at `path`. Throws `NO_SUCH_GROUP`, `NO_SUCH_OBJECT`, `NOTHING_TO_SIGN` and
 * `TOO_MUCH_DATA`, `SifError` for an image that cannot take them, `OpenPgpError` for a key that may not
 * sign; the image is then as it was.
 */
export async function signImage(path: string, options: SignOptions): Promise<SignReport> {
  let tasks: readonly Task[] = [];
  let ungrouped: number[] = [];
  const added = await addObjects(
    path,
    async (image) => {
      tasks = tasksOf(image, options.selection ?? {});
      ungrouped = faultsOf(image).flatMap((fault) => ('objectId' in fault ? fault.objectId : []));
      return makeSignatures(image, tasks, options);
    },
    options.change,
  );
  return {
    signatures: tasks.flatMap(({ group, objects }, i) => {
      const signature = added[i];
      if (signature === undefined) return [];
      return { signatureId: signature.id, groupId: group.id, objects: objects.map(({ id }) => id) };
    }),
    ungrouped,
  };
}

function tasksOf(image: SifImage, selection: Selection): Task[] {
  const groups = groupsOf(image);
  if (groups.length === 0) {
    throw new IntegrityError('NOTHING_TO_SIGN', 'the image has no group of objects that could be signed');
  }
  const tasks = selectTasks(groups, selection);
  const objects = tasks.flatMap(({ only }) => only ?? []);
  return [
    ...tasks.filter(({ only }) => only === undefined),
    ...groups.flatMap((group) => partOf(group, objects)),
  ];
}

/** One signature for all the objects of a group that are asked for. */
function partOf(group: Group, objects: readonly Descriptor[]): Task[] {
  const part = group.objects.filter((object) => objects.includes(object));
  const [only] = part;
  return only === undefined ? [] : [{ group, only, objects: part }];
}

async function makeSignatures(
  image: SifImage,
  tasks: readonly Task[],
  options: SignOptions,
): Promise<ObjectInput[]> {
  const { digest: name } = HASHES[options.hash ?? 'SHA256'];
  const wanted = tasks.flatMap(({ objects }) => objects.map((object) => ({ object, name })));
  const digests = await digestContents(image, wanted, options);
  const made: ObjectInput[] = [];
  for (const task of tasks) {
    const text = writeMetadata(metadataOf(image, task, name, digests));
    made.push(await signatureObject(text, task.group.id, options));
  }
  return made;
}

function metadataOf(
  image: SifImage,
  { group, objects }: Task,
  name: DigestName,
  digests: ContentDigests,
): Parameters<typeof writeMetadata>[0] {
  return {
    header: digestOf(name, image.protectedHeader()),
    objects: objects
      .toSorted((a, b) => a.id - b.id)
      .map((object) => ({
        relativeId: object.id - group.firstId,
        descriptor: digestOf(name, image.protectedDescriptor(object)),
        content: { name, hex: digests.hex({ object, name }) ?? '' },
      })),
  };
}

async function signatureObject(text: string, groupId: number, options: SignOptions): Promise<ObjectInput> {
  const { signer, hash = 'SHA256', change, created = change.now } = options;
  const { digest, code } = HASHES[hash];
  const content =
    signer.kind === 'pgp'
      ? await signCleartext(text, signer.key, { created, hash })
      : writeEnvelope(Buffer.from(text), signer.keys, digest);
  const fingerprint = signer.kind === 'pgp' ? fromHex(signer.key.fingerprint) : undefined;
  return {
    type: DATA_TYPE.signature,
    content: [Buffer.from(content)],
    groupId: 0,
    link: { kind: 'group', id: groupId },
    extra: signatureExtra(code, fingerprint),
  };
}
