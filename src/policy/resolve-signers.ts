/* Signers and sets: who is meant by a name. */
import { lineOf, within } from './fault.ts';
import type { Faults, Place } from './fault.ts';
import type { Gathered, Said } from './gather.ts';
import type { GivenSet, GivenSigner } from './given.ts';
import type { PolicySigner } from './policy.ts';

export interface Parties {
  readonly signers: ReadonlyMap<string, PolicySigner>;
  /** Names of the signers of a set, or of a signer as a set of one; undefined when there is neither. */
  members(name: string): readonly string[] | undefined;
  /** The name is that of a table with faults: nothing can be said of it. */
  isFaulty(name: string): boolean;
  /** What the name is most likely to be, for messages. */
  known(): readonly string[];
}

/** Adds what contradicts itself to `faults`. */
export function resolveParties(gathered: Gathered, faults: Faults): Parties {
  checkNames([...gathered.signers, ...gathered.sets], 'signers and sets', faults);
  checkKeys(gathered.signers, faults);
  for (const said of gathered.signers) checkWindows(said, faults);
  const signers = new Map(gathered.signers.map(({ given }) => [given.name, signerOf(given)]));
  const sets = new Map(gathered.sets.map((said) => [said.given.name, said]));
  const faulty = (name: string): boolean => gathered.faultyNames.has(name);
  checkMembers(gathered.sets, (name) => signers.has(name) || sets.has(name) || faulty(name), faults);
  const flat = flatten(signers, sets, faults);
  return {
    signers,
    members: (name) => flat.get(name),
    isFaulty: faulty,
    known: () => [...signers.keys(), ...sets.keys()],
  };
}

/** Adds a fault for each name that was used before. */
export function checkNames(
  said: readonly Said<{ readonly name: string }>[],
  what: string,
  faults: Faults,
): void {
  const places = new Map<string, Place>();
  for (const { given, place } of said) {
    const before = places.get(given.name);
    if (before === undefined) places.set(given.name, place);
    else {
      const text = `"${given.name}" is used at ${lineOf(before)} too; ${what} need different names`;
      faults.add('INCONSISTENT', within(place, 'name'), text);
    }
  }
}

/** A key in two hands would let one signature count twice. */
function checkKeys(said: readonly Said<GivenSigner>[], faults: Faults): void {
  const owners = new Map<string, Said<GivenSigner>>();
  for (const signer of said) {
    for (const [index, key] of signer.given.keys.entries()) {
      const owner = owners.get(key);
      if (owner === undefined) owners.set(key, signer);
      else {
        const text = `${key} is a key of "${owner.given.name}" (${lineOf(owner.place)}); a key has one signer`;
        faults.add('INCONSISTENT', within(signer.place, 'keys', index), text);
      }
    }
  }
}

function checkWindows({ given, place }: Said<GivenSigner>, faults: Faults): void {
  const { valid_from: from, valid_until: until, signed_after: after, signed_before: before } = given;
  if (from !== undefined && until !== undefined && from >= until) {
    faults.add('INCONSISTENT', within(place, 'valid_until'), 'must be later than valid_from');
  }
  if (after !== undefined && before !== undefined && after >= before) {
    faults.add('INCONSISTENT', within(place, 'signed_before'), 'must be later than signed_after');
  }
}

function signerOf(given: GivenSigner): PolicySigner {
  return {
    name: given.name,
    keys: given.keys,
    origins: [...new Set(given.sources)],
    requirePresent: given.require_present,
    ...(given.valid_from === undefined ? {} : { validFrom: given.valid_from }),
    ...(given.valid_until === undefined ? {} : { validUntil: given.valid_until }),
    ...(given.signed_after === undefined ? {} : { signedAfter: given.signed_after }),
    ...(given.signed_before === undefined ? {} : { signedBefore: given.signed_before }),
  };
}

function checkMembers(
  sets: readonly Said<GivenSet>[],
  isKnown: (name: string) => boolean,
  faults: Faults,
): void {
  for (const { given, place } of sets) {
    for (const [index, member] of given.members.entries()) {
      if (!isKnown(member)) {
        faults.add('INCONSISTENT', within(place, 'members', index), `there is no signer or set "${member}"`);
      }
    }
  }
}

/** The signers of every name, through sets of sets. Circles are faults. */
function flatten(
  signers: ReadonlyMap<string, PolicySigner>,
  sets: ReadonlyMap<string, Said<GivenSet>>,
  faults: Faults,
): ReadonlyMap<string, readonly string[]> {
  const flat = new Map<string, readonly string[]>([...signers.keys()].map((name) => [name, [name]]));
  const open: string[] = [];
  const visit = (name: string): readonly string[] => {
    const done = flat.get(name);
    if (done !== undefined) return done;
    const said = sets.get(name);
    if (said === undefined) return [];
    if (open.includes(name)) {
      const circle = [...open.slice(open.indexOf(name)), name].map((part) => `"${part}"`).join(' in ');
      faults.add('INCONSISTENT', within(said.place, 'members'), `sets contain each other: ${circle}`);
      return [];
    }
    open.push(name);
    const members = [...new Set(said.given.members.flatMap(visit))];
    open.pop();
    flat.set(name, members);
    return members;
  };
  for (const name of sets.keys()) visit(name);
  return flat;
}
