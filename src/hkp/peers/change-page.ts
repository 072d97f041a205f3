/* Reads a page of a peer's change log. What it says is the peer's word and proves nothing. */
import { HkpClientError } from '../client/error.ts';

export interface PeerChange {
  readonly sequence: number;
  /** Of the primary key, upper-case hexadecimal, 40 or 64 digits. */
  readonly fingerprint: string;
  /** It is not held there any more. */
  readonly removed: boolean;
  /** SHA-256 of the certificate as the peer holds it, lower-case hexadecimal. */
  readonly digest: string | undefined;
}

export interface ChangePage {
  /** Which log this is; another one: the store was replaced. Undefined while it is empty. */
  readonly log: string | undefined;
  /** Of the newest change. Less than what was asked for: the store was replaced. */
  readonly sequence: number;
  /** Later than asked for, oldest first. */
  readonly changes: readonly PeerChange[];
  readonly more: boolean;
}

const FINGERPRINT = /^(?:[0-9A-F]{40}|[0-9A-F]{64})$/;
const DIGEST = /^[0-9a-f]{64}$/;
const REMOVED = 'removed';

/** `text`: `{"log","sequence","changes":[{"sequence","fingerprint","kind","digest"}],"more"}`. Throws `BAD_ANSWER`. */
export function readChangePage(text: string, asked: { since: number; limit: number }): ChangePage {
  const members = membersOf(parse(text));
  const log = members.get('log');
  const sequence = members.get('sequence');
  const listed: unknown = members.get('changes');
  const more = members.get('more');
  if (!isDigest(log) || !isSequence(sequence) || typeof more !== 'boolean') throw bad();
  if (!Array.isArray(listed) || listed.length > asked.limit || (more && listed.length === 0)) throw bad();
  const changes = listed.map(readChange);
  let before = asked.since;
  for (const change of changes) {
    if (change.sequence <= before || change.sequence > sequence) throw bad();
    before = change.sequence;
  }
  return { log, sequence, changes, more };
}

function readChange(value: unknown): PeerChange {
  const members = membersOf(value);
  const sequence = members.get('sequence');
  const fingerprint = members.get('fingerprint');
  const digest = members.get('digest');
  if (!isSequence(sequence) || !isDigest(digest)) throw bad();
  if (typeof fingerprint !== 'string' || !FINGERPRINT.test(fingerprint)) throw bad();
  return { sequence, fingerprint, removed: members.get('kind') === REMOVED, digest };
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function membersOf(value: unknown): ReadonlyMap<string, unknown> {
  if (typeof value !== 'object' || value === null) throw bad();
  return new Map<string, unknown>(Object.entries(value));
}

function isSequence(value: unknown): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0;
}

function isDigest(value: unknown): value is string | undefined {
  return value === undefined || (typeof value === 'string' && DIGEST.test(value));
}

function bad(): HkpClientError {
  return new HkpClientError('BAD_ANSWER', 'its answer is not a page of a change log');
}
