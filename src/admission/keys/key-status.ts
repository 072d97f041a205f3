/* The book for people. */
import { keyStanding } from '../../openpgp/key-standing.ts';
import type { KeyStanding } from '../../openpgp/key-standing.ts';
import { certificateState } from '../../openpgp/state.ts';
import type { BookEntry } from './key-book.ts';
import { standingOf } from './key-answer.ts';
import type { KeyAnswer } from './key-answer.ts';
import type { KeystoreRecord } from './keystore-record.ts';
import type { KeystoreStatus, KeyStatus } from './managed-key-book.ts';

export interface KeyKnowledge {
  readonly fingerprint: string;
  readonly pinned: boolean;
  readonly entry: BookEntry | undefined;
  /** Of the keystores that are asked. */
  readonly answers: readonly KeyAnswer[];
  /** Milliseconds since 1970. */
  readonly changed: number | undefined;
}

/** As of `at`, seconds since 1970. Expiry and revocation are those of the primary key. */
export function keyStatus(
  { fingerprint, pinned, entry, answers, changed }: KeyKnowledge,
  at: number,
): KeyStatus {
  const attempts = answers.flatMap(({ lastAttempt }) => lastAttempt ?? []);
  return {
    fingerprint,
    pinned,
    ...(entry === undefined ? UNKNOWN : ofEntry(entry, at)),
    standing: entry?.standing ?? standingOf(answers),
    ...(attempts.length > 0 && { lastAttempt: seconds(Math.max(...attempts)) }),
    ...(changed !== undefined && { lastChanged: seconds(changed) }),
    ...(answers.length > 0 && { nextDue: seconds(Math.min(...answers.map(({ nextDue }) => nextDue))) }),
  };
}

type OfEntry = Pick<KeyStatus, 'userId' | 'local' | 'remote' | 'state' | 'expires' | 'revocation'>;

const UNKNOWN: OfEntry = { local: false, remote: false, state: 'missing' };

function ofEntry({ certificate, local, remote }: BookEntry, at: number): OfEntry {
  const { primary, subkeys } = certificate;
  const { expires, revocation } = keyStanding(certificate, primary.key, at);
  const userId = certificateState(certificate, at).userIds[0]?.text;
  const maySign = [primary, ...subkeys].some(
    ({ key }) => keyStanding(certificate, key, at).cannotSign === undefined,
  );
  return {
    ...(userId !== undefined && { userId }),
    local,
    remote,
    state: stateOf({ expires, revocation }, maySign, at),
    ...(expires !== undefined && { expires }),
    ...(revocation && { revocation }),
  };
}

function stateOf(
  { expires = Infinity, revocation }: { [Field in 'expires' | 'revocation']: KeyStanding[Field] | undefined },
  maySign: boolean,
  at: number,
): KeyStatus['state'] {
  if (revocation !== undefined) return revocation.hard ? 'revoked-hard' : 'revoked-soft';
  if (expires <= at) return 'expired';
  return maySign ? 'good' : 'cannot-sign';
}

export function keystoreStatus(name: string, record: KeystoreRecord): KeystoreStatus {
  const { changeLog, failures, problem, lastSuccess, nextTry } = record;
  return {
    name,
    up: failures === 0,
    ...(problem !== undefined && { problem }),
    ...(changeLog !== undefined && { changeLog: changeLog !== 'none' }),
    ...(lastSuccess !== undefined && { lastSuccess: seconds(lastSuccess) }),
    ...(failures > 0 && { nextTry: seconds(nextTry) }),
  };
}

function seconds(milliseconds: number): number {
  return Math.floor(milliseconds / 1000);
}
