/** Octets of one item of a backup: the largest certificate that can be configured (8 MiB), with its search terms. */
export const MAX_ITEM_OCTETS: number = 32 * 1024 * 1024;

/** Octets of the first line of a backup. */
export const MAX_BACKUP_HEADER_OCTETS = 64;

/** Octets of the body of an operator's request: a reason and some names. */
export const MAX_OPERATION_OCTETS: number = 64 * 1024;

/** Octets of the answer to one: ten thousand tombstones or tokens with all their words. */
export const MAX_OPERATION_ANSWER_OCTETS: number = 16 * 1024 * 1024;

/** Milliseconds for one: a backup of a million certificates is written and read back in minutes. */
export const OPERATION_TIMEOUT = 3_600_000;

/** Keys that expire soon of which the status has the fingerprint; all are counted. */
export const MAX_EXPIRING_KEPT = 50;

/** Words of a failed job that are kept: a message, not a trace. */
export const MAX_OUTCOME_LENGTH = 500;

/** Milliseconds between two looks at the files of TLS. */
export const TLS_CHECK_INTERVAL = 5_000;

/** How those who serve one store agree on who runs a job. A process that does nothing for so long is taken for dead. */
export const LEASE_TIMES = { beat: 15_000, look: 5_000, patience: 90_000 } as const;
