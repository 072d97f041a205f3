/** Bounds on what images and files from outside make this room do, checked before anything is allocated. */

/**
 * Signature objects looked at for one group. Each costs a read and a verification, and each must be good:
 * anybody can add some, and nobody has use for this many.
 */
export const MAX_SIGNATURES_PER_GROUP = 64;

/** Signatures in one DSSE envelope: the library writes one for each signer it is given. */
export const MAX_ENVELOPE_SIGNATURES = 32;

/** Octets of a PEM file of keys or certificates: the roots of a whole system are about 220 KiB. */
export const MAX_PEM_OCTETS: number = 1024 * 1024;

/** Certificates in one PEM file; the roots of a whole system are about 150. */
export const MAX_PEM_CERTIFICATES = 500;

/** Certificates from leaf to root; public hierarchies have three or four. */
export const MAX_CHAIN_LENGTH = 8;

/** Bits of the shortest RSA key that verifies a DSSE signature (NIST SP 800-131A Rev. 2, table 2). */
export const MIN_RSA_BITS = 2048;
/** OpenSSL's own bound (OPENSSL_RSA_MAX_MODULUS_BITS). */
export const MAX_RSA_BITS = 16_384;

/** Issuers tried while looking for a chain, of all that have the right name: bounds what crossed ones cost. */
export const MAX_CHAIN_STEPS = 100;

/*
 * Bounds of `readEvidence`, which reads what nobody has vouched for. The signers of an image are a handful, its
 * objects fewer than twenty, and what is signed takes about 210 octets an object.
 */
export const MAX_EVIDENCE_SIGNATURES = 32;
export const MAX_EVIDENCE_DESCRIPTORS = 256;
export const MAX_EVIDENCE_METADATA_OCTETS: number = 64 * 1024;

/** Octets of a signature object there: the metadata, in base64 at most, and the signatures. */
export const MAX_EVIDENCE_SIGNATURE_OCTETS: number = 128 * 1024;

/** Digests made of one object: programs sign with SHA-256, a few with SHA-384 and SHA-512. */
export const MAX_EVIDENCE_DIGESTS = 4;
