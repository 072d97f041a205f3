/* Reads a page of a Vouch keystore's change log. What it says is the keystore's word and proves nothing. */
import { HkpClientError } from './error.ts';

export interface ListedChange {
  readonly sequence: number;
  /** Of the primary key, upper-case hexadecimal, 40 or 64 digits. */
  readonly fingerprint: string;
  /** It is not held there any more. */
  readonly removed: boolean;
  /** SHA-256 of the certificate as the keystore holds it, lower-case hexadecimal. */
  readonly digest: string | undefined;
}

export interface ChangesAnswer {
  /** Which log this is; another one: the store was replaced. Undefined while it is empty. */
  readonly log: string | undefined;
  /** Sequence of the newest change. Less than what was asked for: the store was replaced. */
  readonly sequence: number;
  /** Later than asked for, oldest first. */
  readonly changes: readonly ListedChange[];
  /** There are later ones than those. */
  readonly more: boolean;
}

const FINGERPRINT = /^(?:[0-9A-F]{40}|[0-9A-F]{64})$/;
const DIGEST = /^[0-9a-f]{64}$/;
const REMOVED = 'removed';

/** `since`, `limit`: as they were asked for. Throws `BAD_ANSWER`. */
export function readChanges(text: string, since: number, limit: number): ChangesAnswer {
  const members = membersOf(parse(text));
  const [log, sequence, listed, more] = ['log', 'sequence', 'changes', 'more'].map((name) =>
    members.get(name),
  );
  if (!isSequence(sequence) || typeof more !== 'boolean' || !Array.isArray(listed)) throw bad();
  if (!isDigest(log)) throw bad();
  if (listed.length > limit || (more && listed.length === 0)) throw bad();
  const changes = listed.map(readChange);
  if (!isAscending([since, ...changes.map((one) => one.sequence)])) throw bad();
  if ((changes.at(-1)?.sequence ?? 0) > sequence) throw bad();
  return { log, sequence, changes, more };
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function isAscending(sequences: readonly number[]): boolean {
  return sequences.every((one, i) => i === 0 || one > (sequences[i - 1] ?? 0));
}

function readChange(value: unknown): ListedChange {
  const members = membersOf(value);
  const sequence = members.get('sequence');
  const fingerprint = members.get('fingerprint');
  const digest = members.get('digest');
  if (!isSequence(sequence) || !isDigest(digest)) throw bad();
  if (typeof fingerprint !== 'string' || !FINGERPRINT.test(fingerprint)) throw bad();
  return { sequence, fingerprint, removed: members.get('kind') === REMOVED, digest };
}

function membersOf(value: unknown): ReadonlyMap<string, unknown> {
  if (typeof value !== 'object' || value === null) throw bad();
  return new Map<string, unknown>(Object.entries(value));
}

function isDigest(value: unknown): value is string | undefined {
  return value === undefined || (typeof value === 'string' && DIGEST.test(value));
}

function isSequence(value: unknown): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0;
}

function bad(): HkpClientError {
  return new HkpClientError('BAD_ANSWER', 'its answer is not a page of a change log');
}
