/* How many weak keys a store holds. A job for the night: it reads every certificate. */
import { setImmediate as otherWork } from 'node:timers/promises';

import type { CertificateRecord, Keystore } from '../keystore/keystore.ts';
import { parseCertificate } from '../openpgp/certificate.ts';
import type { Certificate } from '../openpgp/certificate.ts';
import { OpenPgpError } from '../openpgp/error.ts';
import type { Weakness } from '../openpgp/key-strength.ts';
import { MAX_COMPARED_BITS } from '../openpgp/limits.ts';
import { readRsaNumbers } from '../openpgp/rsa-numbers.ts';
import { findSharedFactors } from '../openpgp/shared-factor.ts';
import { KEY_REVOCATION } from '../openpgp/signature.ts';
import { hasSmallFactor } from '../openpgp/small-factor.ts';
import { strengthOf } from '../openpgp/weakness.ts';
import { MAX_WEAK_LISTED } from './limits.ts';

/** A plain JSON value. */
export interface WeakKeyReport {
  /** Certificates held, read or not. */
  readonly certificates: number;
  /** Of these, revoked: nobody is to use them, so they are not counted as weak. */
  readonly revoked: number;
  /** Of these, certificates whose bytes cannot be read: `vouch keystore check` says which. */
  readonly unreadable: number;
  /** Certificates that are not revoked and have a weakness. */
  readonly weak: number;
  /** Of these, how many have each weakness; one certificate may have several. */
  readonly counts: Readonly<Record<Weakness, number>>;
  /** The first `MAX_WEAK_LISTED` of them; those that share a prime before others, then by fingerprint. */
  readonly listed: readonly WeakCertificate[];
  /** Different RSA moduli compared for shared primes, and those that were too many to be. */
  readonly compared: number;
  readonly notCompared: number;
}

export interface WeakCertificate {
  readonly fingerprint: string;
  readonly weaknesses: readonly Weakness[];
}

/**
 * Reads the whole store. Between certificates other work gets its turn. Rejects with the reason of `signal`
 * when that is aborted.
 */
export async function weakKeyReport(
  keystore: Pick<Keystore, 'records'>,
  signal?: AbortSignal,
): Promise<WeakKeyReport> {
  const walk = new Walk();
  for await (const record of keystore.records()) {
    walk.add(record);
    await otherWork();
    signal?.throwIfAborted();
  }
  return walk.report(signal);
}

/** A certificate with the modulus that is to be compared. */
interface Owner extends WeakCertificate {
  readonly revoked: boolean;
}

/** What is remembered of the certificates read so far; bounded, however many there are. */
class Walk {
  #certificates = 0;
  #revoked = 0;
  #unreadable = 0;
  #weak = 0;
  readonly #counts: Record<Weakness, number> = { ...NONE };
  readonly #listed: WeakCertificate[] = [];
  readonly #owners = new Map<bigint, Owner[]>();
  #bitsLeft = MAX_COMPARED_BITS;
  #notCompared = 0;

  add(record: CertificateRecord): void {
    this.#certificates += 1;
    const certificate = read(record);
    if (certificate === undefined) {
      this.#unreadable += 1;
      return;
    }
    const revoked = certificate.primary.signatures.some(({ type }) => type === KEY_REVOCATION);
    const weaknesses = revoked ? [] : strengthOf(certificate);
    const owner = { fingerprint: record.fingerprint, weaknesses, revoked };
    if (revoked) this.#revoked += 1;
    else this.#count(owner);
    this.#remember(certificate, owner);
  }

  async report(signal: AbortSignal | undefined): Promise<WeakKeyReport> {
    const { found, compared, leftOut } = await findSharedFactors(this.#owners.keys(), signal);
    // Damaged numbers have small factors in common with any others; that is reported as what it is.
    const moduli = found.filter(({ factor }) => !hasSmallFactor(factor)).map(({ modulus }) => modulus);
    const sharing = new Map<string, WeakCertificate>();
    for (const owner of moduli.flatMap((modulus) => this.#owners.get(modulus) ?? [])) {
      if (owner.revoked || sharing.has(owner.fingerprint)) continue;
      const { fingerprint, weaknesses } = owner;
      sharing.set(fingerprint, { fingerprint, weaknesses: ['SHARED_FACTOR', ...weaknesses] });
      this.#counts.SHARED_FACTOR += 1;
      if (weaknesses.length === 0) this.#weak += 1;
    }
    const others = this.#listed.filter(({ fingerprint }) => !sharing.has(fingerprint));
    return {
      certificates: this.#certificates,
      revoked: this.#revoked,
      unreadable: this.#unreadable,
      weak: this.#weak,
      counts: this.#counts,
      listed: [...[...sharing.values()].toSorted(byFingerprint), ...others].slice(0, MAX_WEAK_LISTED),
      compared,
      notCompared: this.#notCompared + leftOut,
    };
  }

  #count({ fingerprint, weaknesses }: WeakCertificate): void {
    if (weaknesses.length === 0) return;
    this.#weak += 1;
    for (const weakness of weaknesses) this.#counts[weakness] += 1;
    if (this.#listed.length < MAX_WEAK_LISTED) this.#listed.push({ fingerprint, weaknesses });
  }

  /** The moduli of revoked keys too: a prime shared with one of them is known as well. */
  #remember({ primary, subkeys }: Certificate, owner: Owner): void {
    for (const { key } of [primary, ...subkeys]) {
      const modulus = readRsaNumbers(key)?.modulus;
      if (modulus === undefined) continue;
      const owners = this.#owners.get(modulus);
      if (owners !== undefined) owners.push(owner);
      else if (key.algorithm.bits > this.#bitsLeft) this.#notCompared += 1;
      else {
        this.#bitsLeft -= key.algorithm.bits;
        this.#owners.set(modulus, [owner]);
      }
    }
  }
}

function read({ bytes }: CertificateRecord): Certificate | undefined {
  try {
    return parseCertificate(bytes);
  } catch (error) {
    if (error instanceof OpenPgpError) return undefined;
    throw error;
  }
}

function byFingerprint(a: WeakCertificate, b: WeakCertificate): number {
  return a.fingerprint < b.fingerprint ? -1 : 1;
}

const NONE: Readonly<Record<Weakness, number>> = {
  SHORT_RSA: 0,
  DSA: 0,
  ELGAMAL_SIGNING: 0,
  BAD_EXPONENT: 0,
  EXPONENT_3: 0,
  SMALL_FACTOR: 0,
  ROCA: 0,
  SHARED_FACTOR: 0,
  OLD_HASH: 0,
};
