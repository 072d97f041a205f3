/*
 * What trying keys on signatures came to. It follows from the octets of both alone, so it is remembered: the
 * next question about the same image and the same certificates is answered without cryptography.
 */
import { createHash } from 'node:crypto';
import { serializeCertificate } from '../openpgp/certificate.ts';
import type { Certificate } from '../openpgp/certificate.ts';
import { readCleartext } from '../openpgp/cleartext.ts';
import type { CleartextMessage } from '../openpgp/cleartext.ts';
import { OpenPgpError } from '../openpgp/error.ts';
import { claimsOf, makersOf, soleSignature } from '../openpgp/makers.ts';
import type { FormProblem } from '../openpgp/makers.ts';
import type { PublicKey } from '../openpgp/public-key.ts';
import type { IssuerClaim, Signature } from '../openpgp/signature.ts';
import { LatelyUsed } from './lately-used.ts';

export interface MemoLimits {
  readonly messages: number;
  /** Characters of all of them together. */
  readonly characters: number;
  /** Certificates tried on one message. */
  readonly certificates: number;
}

/** One signature object as it was read, and whose keys made it. */
export class RememberedMessage {
  readonly claims: readonly IssuerClaim[];
  readonly signature: Signature | FormProblem;
  readonly #message: CleartextMessage;
  readonly #most: number;
  readonly #made = new Map<string, PublicKey | undefined | Promise<PublicKey | undefined>>();

  constructor(message: CleartextMessage, most: number) {
    this.#message = message;
    this.#most = most;
    this.claims = claimsOf(message);
    this.signature = soleSignature(message);
  }

  /** The key of the certificate that made the signature; a promise only when that has to be found out. */
  madeBy(certificate: Certificate): PublicKey | undefined | Promise<PublicKey | undefined> {
    const digest = digestOf(certificate);
    if (this.#made.has(digest)) return this.#made.get(digest);
    const finding = this.#find(digest, certificate);
    if (this.#made.size >= this.#most) this.#made.clear();
    this.#made.set(digest, finding);
    return finding;
  }

  async #find(digest: string, certificate: Certificate): Promise<PublicKey | undefined> {
    try {
      const [maker] = await makersOf(this.#message, [certificate]);
      this.#made.set(digest, maker?.key);
      return maker?.key;
    } catch (error) {
      this.#made.delete(digest);
      throw error;
    }
  }
}

/** Messages by their base64, those asked for last. */
export class MessageMemo {
  readonly #limits: MemoLimits;
  readonly #messages = new LatelyUsed<RememberedMessage>();
  #characters = 0;

  constructor(limits: MemoLimits) {
    this.#limits = limits;
  }

  /** Undefined when it cannot be read. */
  read(base64: string): RememberedMessage | undefined {
    const known = this.#messages.get(base64);
    if (known !== undefined) return known;
    const message = attempt(base64);
    if (message === undefined) return undefined;
    const made = new RememberedMessage(message, this.#limits.certificates);
    this.#messages.set(base64, made);
    this.#characters += base64.length;
    this.#makeRoom();
    return made;
  }

  get size(): number {
    return this.#messages.size;
  }

  #makeRoom(): void {
    const { messages, characters } = this.#limits;
    while (this.#messages.size > messages || this.#characters > characters) {
      const { oldest } = this.#messages;
      if (oldest === undefined) return;
      this.#messages.delete(oldest);
      this.#characters -= oldest.length;
    }
  }
}

function attempt(base64: string): CleartextMessage | undefined {
  try {
    return readCleartext(Buffer.from(base64, 'base64'));
  } catch (error) {
    if (error instanceof OpenPgpError) return undefined;
    throw error;
  }
}

const digests = new WeakMap<Certificate, string>();

function digestOf(certificate: Certificate): string {
  let digest = digests.get(certificate);
  if (digest === undefined) {
    digest = createHash('sha256').update(serializeCertificate(certificate)).digest('base64');
    digests.set(certificate, digest);
  }
  return digest;
}
