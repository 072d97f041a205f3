/**
 * Bounds on what comes from outside, checked before anything is allocated or verified. Figures from
 * deployed key servers are named with their source; an operator may change those in `CheckLimits`.
 */

/** One upload, in octets. Hockeypuck's and Hagrid's limit for a keyring in one request is 1 MiB. */
export const MAX_UPLOAD_OCTETS: number = 1024 * 1024;

/** Certificates in one upload: more is a bulk load, which has its own command. */
export const MAX_CERTIFICATES_PER_UPLOAD = 100;

/**
 * Signatures verified for one upload, about a millisecond each: those of owners, of revokers they named, bare
 * revocations, and certifications where those by held keys are kept. A hundred certificates have some four hundred of
 * their owners.
 */
export const MAX_VERIFICATIONS_PER_UPLOAD = 2048;

/** Packets in one keyring. A 1 MiB upload of the smallest signatures (about 80 octets) stays below it. */
export const MAX_PACKETS = 16_384;

/** Header lines of one armor, and characters in each: real ones have at most a handful of short lines. */
export const MAX_ARMOR_HEADERS = 32;
export const MAX_ARMOR_HEADER_LENGTH = 1024;

/**
 * Claims of an issuer, of each kind, in the unhashed area of one signature. One can be true; without a bound
 * a flood of variants of one signature would grow into one without end.
 */
export const MAX_ISSUER_CLAIMS = 16;

/** Bounds on a single certificate; the defaults of `CheckOptions.limits`. */
export interface CheckLimits {
  /** Octets of the certificate as stored: an RSA-4096 primary with 20 RSA-4096 subkeys needs about 50 KiB. */
  readonly certificateOctets: number;
  /** Octets of a key packet. Classical keys stay below 8383 (draft-dkg-openpgp-abuse-resistant-keystore §4.1). */
  readonly keyOctets: number;
  /** Octets of a signature packet, its unhashed area reduced. */
  readonly signatureOctets: number;
  /** Octets of a user ID. */
  readonly userIdOctets: number;
  readonly userIds: number;
  readonly subkeys: number;
  /** Self-signatures verified per certificate: one verification costs about a millisecond. */
  readonly selfSignatures: number;
}

export const DEFAULT_CHECK_LIMITS: CheckLimits = {
  certificateOctets: 128 * 1024,
  keyOctets: 8383,
  signatureOctets: 8383,
  userIdOctets: 1024,
  userIds: 64,
  subkeys: 64,
  selfSignatures: 1024,
};

/*
 * Bounds on key material. A verification must end soon whatever key it is asked to use: an RSA exponent as
 * long as its modulus costs seconds. OpenSSL's own bounds (OPENSSL_RSA_MAX_MODULUS_BITS,
 * OPENSSL_RSA_MAX_PUBEXP_BITS); DSA beyond 3072/256 bits is not in FIPS 186-4, and gpg makes none above 3072.
 */
export const MAX_RSA_MODULUS_BITS = 16_384;
export const MAX_RSA_EXPONENT_BITS = 64;
export const MAX_DSA_MODULUS_BITS = 4096;
export const MAX_DSA_ORDER_BITS = 512;

/**
 * A cleartext-signed message, in octets. What is signed of a SIF image takes about 210 octets an object: room
 * for 4900 objects, a hundred times what images have.
 */
export const MAX_CLEARTEXT_OCTETS: number = 1024 * 1024;

/** `Hash` lines of one such message: one line names all hashes it needs. */
export const MAX_HASH_HEADERS = 16;

/*
 * Sizes of RSA keys made here. NIST SP 800-57 part 1 asks for 2048 at least; every Go reader takes up to 8192
 * (crypto/rsa and OpenPGP cards go no further).
 */
export const MIN_NEW_RSA_BITS = 2048;
export const MAX_NEW_RSA_BITS = 8192;

/** RSA keys below this size are reported as weak: NIST SP 800-131A disallows them since 2014. */
export const STRONG_RSA_BITS = 2048;

/** Characters of a passphrase: far more than people type, less than makes deriving a key slow. */
export const MAX_PASSPHRASE_LENGTH = 1024;

/** Memory that opening a secret key with Argon2 may take, as the power of two of KiB: 2 GiB (RFC 9106 §4). */
export const MAX_ARGON2_MEMORY_EXPONENT = 21;

/** RSA moduli are tried for prime factors below this: 6542 primes, about a millisecond a key. */
export const SMALL_PRIME_LIMIT = 65_536;

/**
 * Bits of RSA moduli that are multiplied up at a time when moduli are compared. One step with numbers of this
 * size keeps a server from answering for some tens of milliseconds, no longer.
 */
export const MAX_BATCH_BITS: number = 2 ** 19;

/**
 * Bits of RSA moduli compared in one run: 16384 keys of 2048 bits or 8192 of 4096. The work grows with the
 * square; this much is some minutes.
 */
export const MAX_COMPARED_BITS: number = 2 ** 25;
