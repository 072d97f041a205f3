import type { KeyBookStatus, KeystoreStatus, KeyStatus } from '../admission/keys/managed-key-book.ts';
import type { Policy } from '../policy/policy.ts';

/** The state of keys as the API tells it: times in ISO 8601. */
export function keysAnswer({ epoch, keys, keystores }: KeyBookStatus, policy: Policy | undefined): unknown {
  const names = new Map<string, string>();
  for (const { name, keys: fingerprints } of policy?.signers.values() ?? []) {
    for (const fingerprint of fingerprints) names.set(fingerprint, name);
  }
  return {
    epoch,
    keys: keys.map((key) => keyAnswer(key, names.get(key.fingerprint))),
    keystores: keystores.map(keystoreAnswer),
  };
}

/** How a keystore is, as the API tells it. */
export function keystoreAnswer({
  name,
  up,
  problem,
  changeLog,
  lastSuccess,
  nextTry,
}: KeystoreStatus): unknown {
  return {
    name,
    up,
    ...(problem !== undefined && { problem }),
    ...(changeLog !== undefined && { change_log: changeLog }),
    ...time('last_success', lastSuccess),
    ...time('next_try', nextTry),
  };
}

function keyAnswer(key: KeyStatus, signer: string | undefined): unknown {
  const { fingerprint, userId, local, remote, state, standing } = key;
  return {
    fingerprint,
    ...(signer !== undefined && { signer }),
    ...(userId !== undefined && { user_id: userId }),
    pinned: key.pinned,
    local,
    remote,
    state,
    ...time('expires', key.expires),
    ...(key.revocation && {
      revocation: { ...key.revocation, at: iso(key.revocation.at) },
    }),
    standing: {
      asked: standing.asked,
      ...time('last_answer', standing.lastAnswer),
      ...time('last_present', standing.lastPresent),
      vanished: standing.vanished,
      rollback: standing.rollback,
      conflict: standing.conflict,
    },
    ...time('last_attempt', key.lastAttempt),
    ...time('last_changed', key.lastChanged),
    ...time('next_due', key.nextDue),
  };
}

function time(name: string, seconds: number | undefined): Readonly<Record<string, string>> {
  return seconds === undefined ? {} : { [name]: iso(seconds) };
}

/** Past the year 275760 there is no date; keys may say so all the same. */
function iso(seconds: number): string {
  const date = new Date(seconds * 1000);
  return Number.isNaN(date.getTime()) ? 'never' : date.toISOString();
}
