/** Milliseconds after which Singularity's and Apptainer's key commands give up, answer included. */
export const CLIENT_PATIENCE = 5_000;

/** Milliseconds from which an answer is called slow: a loaded server is slower than one at rest. */
export const SLOW_ANSWER = 2_000;

/** Milliseconds that one exchange may take here: longer than the clients wait, so that lateness is seen. */
export const PROBE_TIMEOUT = 15_000;

/** Octets of an answer: an index of a hundred keys has some 20 KiB, a certificate 128 KiB at the most here. */
export const MAX_PROBE_OCTETS: number = 2 * 1024 * 1024;

/** Octets of a file with a token, or with the certificates of a system's authorities (Debian's has 220 KiB). */
export const MAX_TOKEN_FILE_OCTETS: number = 16 * 1024;
export const MAX_AUTHORITIES_OCTETS: number = 8 * 1024 * 1024;

/** Milliseconds before its end from which a TLS certificate counts as ending soon: two weeks. */
export const SOON: number = 14 * 24 * 60 * 60 * 1000;

/** Services of a discovery document that are asked; clients know six. */
export const MAX_SERVICES = 16;

/** Characters of an answer that are quoted. */
export const MAX_QUOTE = 120;
