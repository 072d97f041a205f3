/* What the signatures of an image are worth with the keys of now: evidence of its bytes, and whose keys made it. */
import { MESSAGE_FAULTS } from '../integrity/authenticate-message.ts';
import type { ImageEvidence, SignatureEvidence } from '../integrity/evidence.ts';
import { hasCritical } from '../openpgp/makers.ts';
import type { PublicKey } from '../openpgp/public-key.ts';
import { isOver } from '../openpgp/signature.ts';
import type { Signature } from '../openpgp/signature.ts';
import type { SignatureFact, SignatureFault } from '../policy/facts.ts';
import { keyFact } from './key-fact.ts';
import type { BookEntry, KeyBook } from './keys/key-book.ts';
import { MAX_REMEMBERED_CERTIFICATES, MAX_REMEMBERED_CHARACTERS, MAX_REMEMBERED_MESSAGES } from './limits.ts';
import { MessageMemo } from './message-memo.ts';
import type { RememberedMessage } from './message-memo.ts';

/** Shared by all: what is in it depends on nothing but the octets of messages and certificates. */
const memo = new MessageMemo({
  messages: MAX_REMEMBERED_MESSAGES,
  characters: MAX_REMEMBERED_CHARACTERS,
  certificates: MAX_REMEMBERED_CERTIFICATES,
});

/** Every signature of the evidence, in its order, as of `now` (seconds since 1970). */
export async function signatureFacts(
  { signatures }: ImageEvidence,
  book: KeyBook,
  now: number,
): Promise<readonly SignatureFact[]> {
  const facts: SignatureFact[] = [];
  for (const one of signatures) {
    const message = one.message === undefined ? undefined : memo.read(one.message);
    if (message === undefined) {
      facts.push(unreadable(one));
      continue;
    }
    const makers: Maker[] = [];
    const candidates = book.candidates(message.claims);
    for (const entry of candidates) {
      const made = message.madeBy(entry.certificate);
      const key = made instanceof Promise ? await made : made;
      if (key !== undefined) makers.push({ entry, key });
    }
    facts.push(factOf(one, message, { named: candidates.length > 0, makers }, now));
  }
  return facts;
}

interface Maker {
  readonly entry: BookEntry;
  readonly key: PublicKey;
}

interface Tried {
  /** The signature names a key that is in the book. */
  readonly named: boolean;
  readonly makers: readonly Maker[];
}

function unreadable({ message, claimedFingerprint, ...one }: SignatureEvidence): SignatureFact {
  const { id, group, format, covers } = one;
  const detail = 'the signature object cannot be read';
  const fault = one.fault ?? (message === undefined ? undefined : { reason: 'BAD_FORMAT' as const, detail });
  const claimed = claimedFingerprint === undefined ? [] : [claimedFingerprint];
  return { id, group, format, claimed, covers, ...(fault && { fault }) };
}

function factOf(
  one: SignatureEvidence,
  message: RememberedMessage,
  tried: Tried,
  now: number,
): SignatureFact {
  const { id, group, format, covers, claimedFingerprint } = one;
  const { claims, signature } = message;
  // Certificates may share a subkey: then it is as the descriptor says, which is covered by no signature.
  const maker = tried.makers.find(({ entry }) => entry.fingerprint === claimedFingerprint) ?? tried.makers[0];
  const claimed = new Set([claimedFingerprint, ...claims.map(({ fingerprint }) => fingerprint)]);
  const fault =
    (typeof signature === 'string'
      ? MESSAGE_FAULTS[signature]
      : signatureFault(signature, tried.named && maker === undefined, now)) ??
    wrongFingerprint(claimedFingerprint, maker) ??
    one.fault;
  return {
    id,
    group,
    format,
    claimed: [...claimed].filter((fingerprint) => fingerprint !== undefined),
    ...(typeof signature !== 'string' && { created: signature.created }),
    covers,
    ...(fault && { fault }),
    ...(maker && { maker: keyFact(maker.entry, maker.key, now) }),
  };
}

/** What is wrong with the signature as such. That it is from the future depends on a policy's tolerance. */
function signatureFault(signature: Signature, isForeign: boolean, now: number): SignatureFault | undefined {
  if (isForeign) return MESSAGE_FAULTS.BAD_SIGNATURE;
  if (hasCritical(signature)) return MESSAGE_FAULTS.UNKNOWN_CRITICAL;
  return isOver(signature, now) ? MESSAGE_FAULTS.SIGNATURE_EXPIRED : undefined;
}

/** Programs that show the descriptor's fingerprint instead of the signer must not be fooled. */
function wrongFingerprint(claimed: string | undefined, maker: Maker | undefined): SignatureFault | undefined {
  if (maker === undefined || maker.entry.fingerprint === claimed) return undefined;
  const detail = 'the descriptor does not name the fingerprint of the certificate that signed';
  return { reason: 'WRONG_FINGERPRINT', detail };
}
