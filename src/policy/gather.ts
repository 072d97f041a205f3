/* The tables of all files of a policy, each checked by itself; what contradicts what is looked at later. */
import type { z } from 'zod';
import { nearest } from '../nearest.ts';
import { isTable } from './document.ts';
import type { PolicyDocument } from './document.ts';
import { Faults, within } from './fault.ts';
import type { Place } from './fault.ts';
import type { GivenDenial, GivenHead, GivenRule, GivenSet, GivenSigner, GivenWaiver } from './given.ts';
import { MAX_DENIALS, MAX_RULES, MAX_SETS, MAX_SHOWN_KEY, MAX_SIGNERS, MAX_WAIVERS } from './limits.ts';
import type { KeyPath } from './lines.ts';
import {
  denialSchema,
  HEAD_KEYS,
  headSchema,
  LIST_KEYS,
  ruleSchema,
  setSchema,
  signerSchema,
  TABLE_KEYS,
  waiverSchema,
} from './policy-schema.ts';

/** Something that a file says, and where. */
export interface Said<Given> {
  readonly given: Given;
  readonly place: Place;
}

export interface Gathered {
  /** Undefined: it has faults. */
  readonly head: GivenHead | undefined;
  readonly top: Place;
  readonly signers: readonly Said<GivenSigner>[];
  readonly sets: readonly Said<GivenSet>[];
  readonly rules: readonly Said<GivenRule>[];
  readonly denials: readonly Said<GivenDenial>[];
  readonly waivers: readonly Said<GivenWaiver>[];
  /** Names of tables that have faults: whoever refers to them is not to blame. */
  readonly faultyNames: ReadonlySet<string>;
}

/** Adds every fault of form to `faults`. */
export function gather(first: PolicyDocument, rest: readonly PolicyDocument[], faults: Faults): Gathered {
  const documents = [first, ...rest];
  const faultyNames = new Set<string>();
  const head = readHead(first, faults);
  for (const document of rest) checkKeys(document, first, faults);
  const list = <Given>(key: string, schema: z.ZodType<Given>, most: number): Said<Given>[] => {
    checkLength(documents, key, most, faults);
    return documents.flatMap((document) => readList(document, key, schema, faults, faultyNames));
  };
  return {
    head,
    top: { document: first, path: [] },
    signers: list('signer', signerSchema, MAX_SIGNERS),
    sets: list('set', setSchema, MAX_SETS),
    rules: list('rule', ruleSchema, MAX_RULES),
    denials: list('deny', denialSchema, MAX_DENIALS),
    waivers: list('waiver', waiverSchema, MAX_WAIVERS),
    faultyNames,
  };
}

/** Throws at once when there are too many: none of them is looked at. */
function checkLength(documents: readonly PolicyDocument[], key: string, most: number, faults: Faults): void {
  let length = 0;
  for (const document of documents) {
    const list = document.table[key];
    length += Array.isArray(list) ? list.length : 0;
    if (length <= most) continue;
    faults.add('BAD_VALUE', { document, path: [key] }, `has ${length} entries; a policy has at most ${most}`);
    faults.check();
  }
}

function readHead(document: PolicyDocument, faults: Faults): GivenHead | undefined {
  const entries = Object.entries(document.table).filter(([key]) => !LIST_KEYS.includes(key));
  const place = { document, path: [] };
  return readTable(Object.fromEntries(entries), place, headSchema, faults);
}

/** Files after the first have lists only. */
function checkKeys(document: PolicyDocument, first: PolicyDocument, faults: Faults): void {
  for (const key of Object.keys(document.table)) {
    if (LIST_KEYS.includes(key)) continue;
    const place = { document, path: [key] };
    if (HEAD_KEYS.includes(key)) {
      faults.add('UNKNOWN_KEY', place, `belongs into the first file, ${first.name}, and only there`);
    } else faults.add('UNKNOWN_KEY', place, unknownKey(key, LIST_KEYS));
  }
}

function readList<Given>(
  document: PolicyDocument,
  key: string,
  schema: z.ZodType<Given>,
  faults: Faults,
  faultyNames: Set<string>,
): Said<Given>[] {
  const value = document.table[key];
  if (value === undefined) return [];
  if (!Array.isArray(value)) {
    faults.add('BAD_VALUE', { document, path: [key] }, `must be a list of tables: write [[${key}]]`);
    return [];
  }
  return value.flatMap((item: unknown, index) => {
    const place = { document, path: [key, index] };
    const given = readTable(item, place, schema, faults);
    if (given !== undefined) return [{ given, place }];
    if (isTable(item) && typeof item['name'] === 'string') faultyNames.add(item['name']);
    return [];
  });
}

function readTable<Given>(
  value: unknown,
  place: Place,
  schema: z.ZodType<Given>,
  faults: Faults,
): Given | undefined {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  for (const issue of result.error.issues) addIssue(issue, value, place, faults);
  return undefined;
}

function addIssue(issue: z.core.$ZodIssue, value: unknown, place: Place, faults: Faults): void {
  const path = issue.path.map((part) => (typeof part === 'number' ? part : String(part)));
  const at = within(place, ...path);
  if (issue.code === 'unrecognized_keys') {
    for (const key of issue.keys)
      faults.add('UNKNOWN_KEY', within(at, key), unknownKey(key, keysOf(at.path)));
  } else if (isThere(value, path)) faults.add('BAD_VALUE', at, issue.message);
  else faults.add('BAD_VALUE', at, `is missing: it ${issue.message}`);
}

function keysOf(path: KeyPath): readonly string[] {
  if (path.length === 0) return [...HEAD_KEYS, ...LIST_KEYS];
  return TABLE_KEYS.get(path.filter((part) => typeof part === 'string').join('.')) ?? [];
}

function unknownKey(key: string, known: readonly string[]): string {
  const meant = key.length > MAX_SHOWN_KEY ? undefined : nearest(key, known);
  const advice = meant === undefined ? `known here are ${known.join(', ')}` : `did you mean "${meant}"?`;
  return `is not a key of policies; ${advice}`;
}

function isThere(value: unknown, path: KeyPath): boolean {
  let inner: unknown = value;
  for (const part of path) {
    if (Array.isArray(inner)) inner = inner[Number(part)];
    else inner = isTable(inner) ? inner[part] : undefined;
  }
  return inner !== undefined;
}
