/*
 * What has to be signed for an image to be verified, and by which signature objects (sif v2
 * pkg/integrity/verify.go, select.go).
 */
import { DATA_TYPE } from '../sif/data-type.ts';
import type { Descriptor } from '../sif/descriptor.ts';
import type { SifImage } from '../sif/image.ts';
import { IntegrityError } from './error.ts';
import type { ImageFault } from './report.ts';

/** Groups and objects to look at; nothing given means all groups. */
export interface Selection {
  readonly groups?: readonly number[];
  readonly objects?: readonly number[];
}

export interface Task {
  readonly group: Group;
  /** The one object of the group that is asked for; undefined for the group as a whole. */
  readonly only: Descriptor | undefined;
  /** What a signature has to cover, in table order. */
  readonly objects: readonly Descriptor[];
}

export interface Group {
  readonly id: number;
  /** The smallest ID in the group: relative IDs count from it. */
  readonly firstId: number;
  /** All objects in the group, signatures among them too, in table order. */
  readonly objects: readonly Descriptor[];
  /** Signature objects linked to the group, in table order. */
  readonly signatures: readonly Descriptor[];
}

/** Every group of the image, by rising ID. */
export function groupsOf({ descriptors }: SifImage): Group[] {
  const members = new Map<number, Descriptor[]>();
  for (const descriptor of descriptors) {
    if (descriptor.groupId === 0) continue;
    const objects = members.get(descriptor.groupId);
    if (objects === undefined) members.set(descriptor.groupId, [descriptor]);
    else objects.push(descriptor);
  }
  return [...members]
    .map(([id, objects]) => ({
      id,
      firstId: objects.reduce((least, object) => Math.min(least, object.id), Infinity),
      objects,
      signatures: descriptors.filter(
        ({ type, link }) => type === DATA_TYPE.signature && link.kind === 'group' && link.id === id,
      ),
    }))
    .toSorted((a, b) => a.id - b.id);
}

/**
 * The tasks of a selection: groups by rising ID, then objects by rising ID, each once. Throws
 * `NO_SUCH_GROUP` and `NO_SUCH_OBJECT` for what the image does not have.
 */
export function selectTasks(groups: readonly Group[], { groups: ids = [], objects = [] }: Selection): Task[] {
  const whole = (group: Group): Task => ({ group, only: undefined, objects: group.objects });
  if (ids.length === 0 && objects.length === 0) return groups.map(whole);
  return [
    ...rising(ids).map((id) => whole(groupWith(groups, id))),
    ...rising(objects).map((id) => objectTask(groups, id)),
  ];
}

function groupWith(groups: readonly Group[], id: number): Group {
  const group = groups.find((one) => one.id === id);
  if (group === undefined) {
    const has = groups.map((one) => one.id).join(', ');
    throw new IntegrityError('NO_SUCH_GROUP', `the image has no group ${id}; it has: ${has || 'none'}`);
  }
  return group;
}

function objectTask(groups: readonly Group[], id: number): Task {
  for (const group of groups) {
    const only = group.objects.find((one) => one.id === id);
    if (only !== undefined) return { group, only, objects: [only] };
  }
  throw new IntegrityError('NO_SUCH_OBJECT', `the image has no object ${id} that is in a group`);
}

function rising(ids: readonly number[]): number[] {
  return [...new Set(ids)].toSorted((a, b) => a - b);
}

/** What is wrong with the image whatever was selected. */
export function faultsOf({ descriptors }: SifImage): ImageFault[] {
  if (descriptors.length === 0) return [{ code: 'NO_OBJECTS' }];
  const ungrouped = descriptors
    .filter(({ type, groupId }) => type !== DATA_TYPE.signature && groupId === 0)
    .map(({ id }): ImageFault => ({ code: 'UNGROUPED_OBJECT', objectId: id }));
  return descriptors.some(({ groupId }) => groupId !== 0) ? ungrouped : [{ code: 'NO_GROUPS' }, ...ungrouped];
}

/** Signature objects that are in no group and linked to none: nobody signs them, nobody reads them. */
export function strayObjects({ descriptors }: SifImage, groups: readonly Group[]): number[] {
  return descriptors
    .filter(({ type, groupId }) => type === DATA_TYPE.signature && groupId === 0)
    .filter(({ link }) => link.kind !== 'group' || !groups.some(({ id }) => id === link.id))
    .map(({ id }) => id);
}
