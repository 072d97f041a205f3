import type { Change, ChangeKind, StoreItem, Term, TermKind, Tombstone } from '../../keystore/keystore.ts';

type Fields = Readonly<Record<string, unknown>>;

const TERM_KINDS: Readonly<Record<TermKind, true>> = {
  fingerprint: true,
  keyid: true,
  short: true,
  digest: true,
  email: true,
  userid: true,
  word: true,
};

/** The kinds of changes, and whether they have a digest. */
const CHANGE_KINDS: Readonly<Record<ChangeKind, boolean>> = {
  inserted: true,
  updated: true,
  removed: false,
  unblocked: false,
};

/** What an item was, from its JSON and the octets beside it; undefined when it is none. */
export function readItem(value: unknown, bytes: Uint8Array): StoreItem | undefined {
  if (!isFields(value)) return undefined;
  switch (value['type']) {
    case 'certificate':
      return readCertificate(value['record'], bytes);
    case 'tombstone':
      return readTombstone(value['tombstone']);
    case 'document':
      return readDocument(value['document']);
    case 'change':
      return readChange(value['change']);
    default:
      return undefined;
  }
}

function readCertificate(value: unknown, bytes: Uint8Array): StoreItem | undefined {
  if (!isFields(value)) return undefined;
  const { fingerprint, terms } = value;
  if (!isFingerprint(fingerprint) || !Array.isArray(terms) || !terms.every(isTerm)) return undefined;
  return { type: 'certificate', record: { fingerprint, bytes: Uint8Array.from(bytes), terms } };
}

function readTombstone(value: unknown): StoreItem | undefined {
  if (!isFields(value)) return undefined;
  const { fingerprint, time, by, reason } = value;
  if (!isFingerprint(fingerprint) || !isTime(time) || !isAuthor(by) || typeof reason !== 'string') {
    return undefined;
  }
  return { type: 'tombstone', tombstone: { fingerprint, time, by, reason } };
}

function readDocument(given: unknown): StoreItem | undefined {
  if (!isFields(given)) return undefined;
  const { kind, id, value, version } = given;
  if (typeof kind !== 'string' || typeof id !== 'string' || value === undefined) return undefined;
  return isWhole(version) ? { type: 'document', document: { kind, id, value, version } } : undefined;
}

function readChange(value: unknown): StoreItem | undefined {
  if (!isFields(value)) return undefined;
  const { sequence, time, fingerprint, kind, digest } = value;
  if (!isWhole(sequence) || !isTime(time) || !isFingerprint(fingerprint) || !isChangeKind(kind)) {
    return undefined;
  }
  const named: Change = { sequence, time, fingerprint, kind };
  if (!CHANGE_KINDS[kind]) return digest === undefined ? { type: 'change', change: named } : undefined;
  const isDigest = typeof digest === 'string' && /^[0-9a-f]{64}$/.test(digest);
  return isDigest ? { type: 'change', change: { ...named, digest } } : undefined;
}

function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isFingerprint(value: unknown): value is string {
  return typeof value === 'string' && /^(?:[0-9A-F]{40}|[0-9A-F]{64})$/.test(value);
}

function isTime(value: unknown): value is number {
  return typeof value === 'number' && value >= 0 && Number.isFinite(value);
}

function isWhole(value: unknown): value is number {
  return Number.isSafeInteger(value) && Number(value) >= 1;
}

function isAuthor(value: unknown): value is Tombstone['by'] {
  return value === 'operator' || value === 'owner';
}

function isTerm(value: unknown): value is Term {
  if (!isFields(value)) return false;
  const { kind } = value;
  return typeof kind === 'string' && Object.hasOwn(TERM_KINDS, kind) && typeof value['value'] === 'string';
}

function isChangeKind(value: unknown): value is ChangeKind {
  return typeof value === 'string' && Object.hasOwn(CHANGE_KINDS, value);
}
