import type { Certificate } from '../openpgp/certificate.ts';
import { keyStanding, standingHolds } from '../openpgp/key-standing.ts';
import type { KeyStanding, StandingRevocation } from '../openpgp/key-standing.ts';
import type { PublicKey } from '../openpgp/public-key.ts';
import type { KeyFact, KeyRevocation } from '../policy/facts.ts';
import type { BookEntry } from './keys/key-book.ts';

/** What is known of a key of the book at `now`, seconds since 1970. */
export function keyFact(entry: BookEntry, key: PublicKey, now: number): KeyFact {
  const { fingerprint, local, remote, standing } = entry;
  const { revocation, ...rest } = standingAt(entry.certificate, key, now);
  return {
    fingerprint,
    signingKey: key.fingerprint,
    local,
    remote,
    ...rest,
    ...(revocation && { revocation: { ...revocation, from: sourceOf(revocation, entry, key, now) } }),
    standing,
  };
}

function sourceOf(
  { hard, at }: StandingRevocation,
  { localCopy, remoteCopy }: BookEntry,
  key: PublicKey,
  now: number,
): KeyRevocation['from'] {
  const says = (copy: Certificate | undefined): boolean => {
    const found = copy && standingAt(copy, key, now).revocation;
    return found?.hard === hard && found.at === at;
  };
  const local = says(localCopy);
  const remote = says(remoteCopy);
  if (local && remote) return 'LOCAL+REMOTE';
  return local ? 'LOCAL' : remote ? 'REMOTE' : 'seen';
}

interface Remembered {
  readonly standing: KeyStanding;
  /** From … until, exclusive: in between nothing of it changes. */
  readonly from: number;
  readonly until: number;
}

const remembered = new WeakMap<Certificate, Map<string, Remembered>>();

/** Reading a certificate takes longer than all the rest of an answer that is known. */
function standingAt(certificate: Certificate, key: PublicKey, at: number): KeyStanding {
  let byKey = remembered.get(certificate);
  if (byKey === undefined) remembered.set(certificate, (byKey = new Map()));
  const known = byKey.get(key.fingerprint);
  if (known !== undefined && known.from <= at && at < known.until) return known.standing;
  const standing = keyStanding(certificate, key, at);
  byKey.set(key.fingerprint, { standing, from: at, until: standingHolds(certificate, at) });
  return standing;
}
