import { config as defaults, SignaturePacket } from 'openpgp';

import type { Certificate } from './certificate.ts';
import { OpenPgpError } from './error.ts';
import { weaknessesOf } from './key-strength.ts';
import { framePacket, SIGNATURE } from './packet.ts';
import type { PublicKey } from './public-key.ts';
import type { AnySecretPacket } from './secret-part.ts';
import { readSignature } from './signature.ts';
import type { Signature } from './signature.ts';
import { signingKeys } from './signing-key.ts';
import type { KeyProblem } from './signing-key.ts';
import { verifySignature } from './verify.ts';

/** One key with its secret part in the clear. */
export interface OpenPart {
  readonly key: PublicKey;
  readonly packet: AnySecretPacket;
}

export interface SignOptions {
  /** Signature type ID (RFC 9580 §5.2.1). */
  readonly type: number;
  /** Hash algorithm ID. */
  readonly hash: number;
  /** Seconds since 1970. */
  readonly created: number;
}

/**
 * No random notation (openpgp.js adds one against faulty hardware): equal input gives equal octets with RSA
 * and Ed25519, so images can be signed reproducibly. Against faults each signature is verified.
 */
const config = { ...defaults, nonDeterministicSignaturesViaNotation: false };

/** A key that can sign. Its secrets are private members: nothing that prints an object shows them. */
export class UnlockedKey {
  readonly certificate: Certificate;
  readonly #parts: readonly OpenPart[];

  constructor(certificate: Certificate, parts: readonly OpenPart[]) {
    this.certificate = certificate;
    this.#parts = parts;
  }

  get fingerprint(): string {
    return this.certificate.primary.key.fingerprint;
  }

  /**
   * The key that signs at a time: the primary key, as Go's library takes; a signing subkey when the primary
   * key may not sign or is not here, where Go would make a signature that it then refuses. Throws
   * `CANNOT_SIGN`, or `NO_SECRET_PART` when the keys that may sign are not here.
   */
  signingKey(at: number): PublicKey {
    return this.#signer(at).key;
  }

  /** Signs `octets`. Throws as `signingKey` does. */
  async sign(octets: Uint8Array, { type, hash, created }: SignOptions): Promise<Signature> {
    const { key, packet } = this.#signer(created);
    const made = new SignaturePacket();
    Object.assign(made, {
      signatureType: type,
      publicKeyAlgorithm: packet.algorithm,
      hashAlgorithm: hash,
      toSign: () => octets,
    });
    // The types of openpgp.js leave the last argument out.
    const sign: (...all: [AnySecretPacket, Uint8Array, Date, boolean, typeof config]) => Promise<void> =
      made.sign.bind(made);
    await sign(packet, NO_DATA, new Date(created * 1000), false, config);
    const signature = readSignature(framePacket(SIGNATURE, made.write(), FRAMING));
    if (!(await verifySignature(signature, key, octets))) {
      throw new OpenPgpError('BAD_SECRET_KEY', `key ${key.fingerprint} made a signature that is not valid`);
    }
    return signature;
  }

  #signer(at: number): OpenPart {
    const keys = signingKeys(this.certificate, at);
    const able = keys.filter(({ problem }) => problem === undefined);
    const [first] = able;
    if (first === undefined) {
      throw new OpenPgpError('CANNOT_SIGN', `key ${this.fingerprint} ${WHY[worstOf(keys)]}`);
    }
    for (const { key } of able) {
      const part = this.#parts.find((one) => one.key.fingerprint === key.fingerprint);
      if (part !== undefined) return this.#strong(part);
    }
    throw new OpenPgpError(
      'NO_SECRET_PART',
      `the secret part of ${first.key.fingerprint}, which signs for key ${this.fingerprint}, is not in this file`,
    );
  }

  /** A weak key verifies, reported as such; nothing new is signed with one. */
  #strong(part: OpenPart): OpenPart {
    const { key } = part;
    const weak = [this.certificate.primary.key, key].find(
      ({ algorithm }) => weaknessesOf(algorithm).length > 0,
    );
    if (weak === undefined) return part;
    const { name, bits } = weak.algorithm;
    throw new OpenPgpError(
      'CANNOT_SIGN',
      `key ${weak.fingerprint} (${name}, ${bits} bits) is too weak to sign with; make a new one`,
    );
  }
}

/** Of the primary key; or of a subkey, when the primary key is there to certify only. */
function worstOf(keys: readonly { readonly problem?: KeyProblem }[]): KeyProblem {
  const problems = keys.flatMap(({ problem }) => problem ?? []);
  return problems.find((one) => one !== 'NOT_A_SIGNING_KEY') ?? 'NOT_A_SIGNING_KEY';
}

const WHY: Readonly<Record<KeyProblem, string>> = {
  KEY_REVOKED: 'has been revoked',
  USER_ID_REVOKED: 'has no user ID that is not revoked',
  KEY_EXPIRED: 'has expired',
  KEY_FROM_FUTURE: 'was made later than the time to sign at; check the clock',
  NO_SELF_SIGNATURE: 'has no self-signature that is valid at the time to sign at',
  NOT_A_SIGNING_KEY: 'is not for signing: its owner gave it other uses',
};

const FRAMING = { legacy: false, lengthOctets: 1 };

/** What is signed comes from `toSign`. */
const NO_DATA = new Uint8Array();
