/* Signatures that speak for a signer of a rule, and those that do not. */
import type { Note } from './check-result.ts';
import type { ImageContent, KeyFact, SignatureFact } from './facts.ts';
import { indexOf } from './policy-index.ts';
import type { KeyOrigin, Policy, PolicySigner, Rule } from './policy.ts';
import { troubleOf } from './signature-note.ts';
import type { Moment } from './verdict.ts';
import { quoted } from './wording.ts';

/** A valid signature by a key of a member, from a source that the member's keys may come from. */
export interface Vote {
  readonly signer: PolicySigner;
  readonly signature: SignatureFact;
  readonly key: KeyFact;
}

/** A signature that speaks for nobody. */
export interface Rejection {
  readonly signature: SignatureFact;
  /** The member whose key made it, or is only named by it. */
  readonly signer?: PolicySigner;
  readonly note: Note;
}

export interface Ballot {
  readonly votes: readonly Vote[];
  readonly rejections: readonly Rejection[];
  /** Valid signatures by keys that the rule does not name. */
  readonly strangers: readonly SignatureFact[];
}

export function ballotOf(policy: Policy, rule: Rule, content: ImageContent, moment: Moment): Ballot {
  const votes: Vote[] = [];
  const rejections: Rejection[] = [];
  const strangers: SignatureFact[] = [];
  for (const signature of content.signatures) {
    const { maker: key } = signature;
    const signer = memberOf(signature, policy, rule);
    const trouble = troubleOf(signature, moment, policy.clockSkew, signer && whoseText(signature, signer));
    const note = trouble ?? unfitNote(signature, signer);
    if (note !== undefined) rejections.push({ signature, note, ...(signer && { signer }) });
    else if (signer === undefined || key === undefined) strangers.push(signature);
    else votes.push({ signer, signature, key });
  }
  return { votes, rejections, strangers };
}

/** The member whose key made the signature. Only when nobody's did, the one that it names: for the telling. */
function memberOf(
  { maker, claimed }: SignatureFact,
  policy: Policy,
  { requirement }: Rule,
): PolicySigner | undefined {
  const { signerByKey } = indexOf(policy);
  // Who is named is said; who is counted is who made it (CVE-2020-13845).
  const keys = maker === undefined ? claimed : [maker.fingerprint];
  const signers = keys.map((key) => signerByKey.get(key));
  return signers.find((signer) => signer !== undefined && requirement.members.includes(signer.name));
}

function whoseText({ maker }: SignatureFact, { name }: PolicySigner): string {
  return maker === undefined ? `, which names ${name}’s key,` : ` by ${name}`;
}

/** What keeps a valid signature from counting for its signer. */
function unfitNote({ id, maker: key }: SignatureFact, signer: PolicySigner | undefined): Note | undefined {
  if (key === undefined || signer === undefined) return undefined;
  if (key.weak === undefined) return originNote(key, signer);
  return {
    code: 'KEY_WEAK',
    text: `${signer.name}’s key, which made signature ${id}, is too weak: ${quoted(key.weak)}`,
    fix: `have the image signed anew with a stronger key of ${signer.name}, and name that in the policy`,
    fingerprint: key.fingerprint,
  };
}

/** Undefined when a source has the certificate that the signer's may come from. */
function originNote(key: KeyFact, { name, origins }: PolicySigner): Note | undefined {
  // Gone from the keystore is no revocation: how long it may be gone, freshness says.
  const places: Record<KeyOrigin, boolean> = {
    local: key.local,
    keystore: key.remote || key.standing.vanished,
  };
  if (origins.some((origin) => places[origin])) return undefined;
  const where = places.local
    ? 'is in files of this host'
    : places.keystore
      ? 'is on a keystore'
      : 'is held nowhere any more';
  return {
    code: 'KEY_MISSING',
    text: `${name}’s key ${where}, and the policy takes it only from: ${origins.join(', ')}`,
    fix: origins.includes('local')
      ? 'put its certificate into the folder of keys'
      : 'have its certificate pushed to the keystore, or add "local" to the sources of the signer',
    fingerprint: key.fingerprint,
    source: places.local ? 'LOCAL' : places.keystore ? 'REMOTE' : 'SEEN',
  };
}
