/* Which objects have to be signed, and whether they are, by anybody. */
import type { InvalidReason } from '../integrity/report.ts';
import { resultOf } from './check-result.ts';
import type { CheckResult, Note } from './check-result.ts';
import type { ImageContent, ObjectFact, SignatureFact } from './facts.ts';
import type { ObjectSelection, Rule } from './policy.ts';
import { invalidNote, RESIGN } from './signature-note.ts';

/** Faults that say: what was signed is not what is there. */
const DIFFERS: ReadonlySet<InvalidReason> = new Set<InvalidReason>([
  'HEADER_CHANGED',
  'DESCRIPTOR_CHANGED',
  'CONTENT_CHANGED',
  'OBJECT_MISSING',
]);

/** Every object but signatures that the rule wants signed, in table order. None: nothing can meet the rule. */
export function requiredObjects(
  selection: ObjectSelection,
  { objects }: ImageContent,
): readonly ObjectFact[] {
  switch (selection.kind) {
    case 'all':
      return objects;
    case 'primary':
      return objects.filter(({ primary }) => primary);
    case 'groups':
      return objects.filter(({ group }) => group !== undefined && selection.groups.includes(group));
    case 'types':
      return objects.filter(({ type }) => selection.types.includes(type));
  }
}

/**
 * Fails when an object that has to be signed is as no signature says, and one that should say so says otherwise.
 * A broken signature beside a good one proves nothing: anybody can add one.
 */
export function checkIntegrity(rule: Rule, content: ImageContent): CheckResult {
  if (!content.signatures.some(differs)) return resultOf('integrity', rule.actions.integrity, 'pass', []);
  const faulty = faultySignatures(rule, content).filter((one) => differs(one));
  const notes = new Map<string, Note>();
  for (const { id, fault } of faulty) {
    if (fault === undefined) continue;
    const header = fault.reason === 'HEADER_CHANGED';
    const note: Note = {
      code: header ? 'INTEGRITY_HEADER' : 'INTEGRITY_OBJECT',
      text: `not as signature ${id} says: ${fault.detail}`,
      fix: 'fetch the image again from where it was signed, or have it signed anew',
      ...(fault.objectId !== undefined && { objectId: fault.objectId }),
    };
    const key = `${note.code} ${note.objectId}`;
    if (!notes.has(key)) notes.set(key, note);
  }
  return resultOf('integrity', rule.actions.integrity, notes.size > 0 ? 'fail' : 'pass', [...notes.values()]);
}

/** Passes when a sound signature of anybody covers every object that has to be signed (CVE-2020-13846). */
export function checkCoverage(rule: Rule, content: ImageContent): CheckResult {
  const action = rule.actions.coverage;
  const fail = (notes: readonly Note[]): CheckResult => resultOf('coverage', action, 'fail', notes);
  if (requiredObjects(rule.objects, content).length === 0) return fail([nothingToSign(content)]);
  if (content.signatures.length === 0) return fail([unsignedNote(content)]);
  const open = uncovered(rule, content);
  if (open.length === 0) return resultOf('coverage', action, 'pass', []);
  const explained = new Set<number>();
  const notes: Note[] = [];
  for (const signature of faultySignatures(rule, content)) {
    // What differs is told by the check of integrity.
    explained.add(signature.group);
    if (!differs(signature)) notes.push(faultNote(signature));
  }
  for (const object of open) {
    if (object.group === undefined || !explained.has(object.group)) notes.push(unsignedObjectNote(object));
  }
  return fail(notes);
}

/** Objects that have to be signed and that no sound signature covers. */
function uncovered(rule: Rule, content: ImageContent): readonly ObjectFact[] {
  const covered = new Set<number>();
  for (const { fault, covers } of content.signatures) {
    if (fault === undefined) for (const id of covers) covered.add(id);
  }
  return requiredObjects(rule.objects, content).filter(({ id }) => !covered.has(id));
}

/** Signatures with a fault that were to cover an object which no sound one covers. */
function faultySignatures(rule: Rule, content: ImageContent): readonly SignatureFact[] {
  const groups = new Set(uncovered(rule, content).map(({ group }) => group));
  return content.signatures.filter(({ fault, group }) => fault !== undefined && groups.has(group));
}

function differs({ fault }: SignatureFact): boolean {
  return fault !== undefined && DIFFERS.has(fault.reason);
}

function faultNote(signature: SignatureFact): Note {
  const { id, fault } = signature;
  if (fault?.reason !== 'OBJECT_NOT_SIGNED') return invalidNote(signature);
  const note = { code: 'UNSIGNED_OBJECT', text: `signature ${id}: ${fault.detail}`, fix: RESIGN } as const;
  return fault.objectId === undefined ? note : { ...note, objectId: fault.objectId };
}

function nothingToSign({ faults, objects }: ImageContent): Note {
  const empty = objects.length === 0 || faults.some(({ code }) => code === 'NO_OBJECTS');
  return {
    code: 'UNSIGNED',
    text: empty ? 'the image has no objects' : 'the image has none of the objects that have to be signed',
    fix: empty ? 'build the image anew' : 'see what objects the rule asks for, and what the image has',
  };
}

function unsignedNote({ legacySignatures }: ImageContent): Note {
  const legacy = legacySignatures > 0;
  return {
    code: 'UNSIGNED',
    text: legacy
      ? 'the image has only legacy signatures (Singularity 3.0 to 3.5), which leave much of it unsigned'
      : 'the image is not signed',
    fix: RESIGN,
  };
}

function unsignedObjectNote({ id, group, type }: ObjectFact): Note {
  return {
    code: 'UNSIGNED_OBJECT',
    text:
      group === undefined
        ? `object ${id} (${type}) is in no group, so no signature can cover it`
        : `object ${id} (${type}) is covered by no signature`,
    fix: group === undefined ? 'take the object out, or put it into a group and sign it' : RESIGN,
    objectId: id,
  };
}
