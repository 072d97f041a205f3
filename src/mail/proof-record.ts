/* What is kept about proofs: documents of the store, read with care. */
import { fieldsOf, isTexts, isTime } from '../keystore/document-fields.ts';
import type { Document, Keystore } from '../keystore/keystore.ts';
import type { ProvenAddress } from '../hkp/address-proofs.ts';
import { MailError } from './error.ts';

/** Proven addresses of a key; the ID is its fingerprint. */
export const PROOF_KIND = 'proof';
/** Questions that were mailed; the ID is the hash of the token. */
export const QUESTION_KIND = 'proof-question';
/** Pushed keys that wait for their proofs; the ID is the fingerprint. */
export const WAITING_KIND = 'proof-waiting';
/** When an address was mailed; the ID is what stands for it, as below. */
export const MAILBOX_KIND = 'proof-mailbox';
/** Addresses that want no mails; the ID is a hash that tells the address to nobody who does not know it. */
export const STOPPED_KIND = 'proof-stopped';

/** A question that was mailed. */
export interface QuestionRecord {
  readonly address: string;
  readonly fingerprints: readonly string[];
  /** Milliseconds since 1970. */
  readonly expires: number;
}

/** A pushed key. */
export interface WaitingRecord {
  /** The certificate in binary, checked. */
  readonly bytes: Uint8Array;
  readonly addresses: readonly string[];
  /** Milliseconds since 1970. */
  readonly expires: number;
}

/** Mails to one address. */
export interface MailboxRecord {
  /** Times of the last mails, milliseconds since 1970, oldest first. */
  readonly sent: readonly number[];
  /** From when on none of them counts. */
  readonly expires: number;
}

export function readProof({ id, value }: Document): readonly ProvenAddress[] {
  const { addresses } = fieldsOf(value);
  if (!Array.isArray(addresses)) throw corrupt(id);
  return addresses.map((one: unknown) => {
    const { address, time } = fieldsOf(one);
    if (typeof address !== 'string' || !isTime(time)) throw corrupt(id);
    return { address, time };
  });
}

export function readQuestion({ id, value }: Document): QuestionRecord {
  const { address, fingerprints, expires } = fieldsOf(value);
  if (typeof address !== 'string' || !isTexts(fingerprints) || !isTime(expires)) throw corrupt(id);
  return { address, fingerprints, expires };
}

export function readWaiting({ id, value }: Document): WaitingRecord {
  const { bytes, addresses, expires } = fieldsOf(value);
  if (typeof bytes !== 'string' || !isTexts(addresses) || !isTime(expires)) throw corrupt(id);
  return { bytes: Buffer.from(bytes, 'base64'), addresses, expires };
}

export function readMailbox({ id, value }: Document): MailboxRecord {
  const { sent, expires } = fieldsOf(value);
  if (!Array.isArray(sent) || !sent.every(isTime) || !isTime(expires)) throw corrupt(id);
  return { sent, expires };
}

/** Deletes what has expired of a kind. Answers how many are left. */
export async function sweepExpired(keystore: Keystore, kind: string, now: number): Promise<number> {
  let left = 0;
  for await (const document of keystore.documents(kind)) {
    const { expires } = fieldsOf(document.value);
    if (isTime(expires) && expires > now) left += 1;
    else await keystore.putDocument(kind, document.id, undefined, document.version);
  }
  return left;
}

function corrupt(id: string): MailError {
  return new MailError('CORRUPT_PROOF', `what is kept of the proof ${id} cannot be read`);
}
