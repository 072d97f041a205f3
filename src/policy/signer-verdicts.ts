/* Who made valid signatures, and what is to be thought of their keys. */
import type { Draft } from './draft.ts';
import type { ImageContent, KeyFact, SignatureFact } from './facts.ts';
import { expiryState, revocationState } from './key-matrix.ts';
import { indexOf } from './policy-index.ts';
import type { Policy } from './policy.ts';
import type { KeyState, SignerVerdict } from './verdict.ts';
import type { Vote } from './votes.ts';

/** From the worst to the best: the first that holds is told. */
const WORST_FIRST: readonly KeyState[] = [
  'revoked-hard',
  'signed-after-revocation',
  'revoked-soft-unanchored',
  'signed-after-expiry',
  'expired-unanchored',
  'revoked-soft-anchored',
  'expired-anchored',
  'cannot-sign',
  'weak',
  'good',
];

/**
 * One for each primary key, in the order of its first signature. `counting`: the signers that meet the
 * requirement, and the votes they do it with.
 */
export function signerVerdicts(
  policy: Policy,
  content: ImageContent,
  now: number,
  counting: { readonly signers: ReadonlySet<string>; readonly votes: readonly Vote[] },
): readonly SignerVerdict[] {
  const { signerByKey } = indexOf(policy);
  const byKey = new Map<string, { key: KeyFact; signatures: SignatureFact[] }>();
  for (const signature of content.signatures) {
    const { maker: key, fault } = signature;
    if (key === undefined || fault !== undefined) continue;
    const known = byKey.get(key.fingerprint);
    if (known === undefined) byKey.set(key.fingerprint, { key, signatures: [signature] });
    else known.signatures.push(signature);
  }
  return [...byKey.values()].map(({ key, signatures }) => {
    const name = signerByKey.get(key.fingerprint)?.name;
    const votes = counting.votes.filter((vote) => vote.key.fingerprint === key.fingerprint);
    const objects = new Set<number>();
    let last: number | undefined;
    for (const { covers, created } of signatures) {
      for (const id of covers) objects.add(id);
      if (created !== undefined) last = Math.max(created, last ?? created);
    }
    const signer: Draft<SignerVerdict> = {
      fingerprint: key.fingerprint,
      source: sourceOf(key),
      keyState: worstState(signatures, content.firstSeen, now),
      firstSeen: content.firstSeen,
      objects: [...objects].toSorted((a, b) => a - b),
      counts: name !== undefined && counting.signers.has(name) && votes.length > 0,
    };
    if (name !== undefined) signer.name = name;
    if (last !== undefined) signer.signedAt = last;
    return signer;
  });
}

function worstState(signatures: readonly SignatureFact[], firstSeen: number, now: number): KeyState {
  const states = new Set<KeyState>();
  for (const signature of signatures) {
    const { maker: key } = signature;
    if (key === undefined) continue;
    const ended = [
      revocationState(signature, key, firstSeen),
      expiryState(signature, key, { firstSeen, now }),
    ];
    for (const state of ended) if (state !== undefined) states.add(state);
    if (key.cannotSign !== undefined) states.add('cannot-sign');
    if (key.weak !== undefined) states.add('weak');
  }
  return WORST_FIRST.find((state) => states.has(state)) ?? 'good';
}

function sourceOf({ local, remote }: KeyFact): SignerVerdict['source'] {
  if (local) return remote ? 'LOCAL+REMOTE' : 'LOCAL';
  return remote ? 'REMOTE' : 'SEEN';
}
