import type { Budget } from '../access/limits.ts';

/** Octets nobody can foresee in the token of a link: 256 bits, so a fast hash keeps them well. */
export const TOKEN_OCTETS = 32;

/** How long a link can be used, in milliseconds: a mail may wait for the next morning. */
export const TOKEN_LIFETIME: number = 24 * 3600 * 1000;

/** Characters of an address (RFC 5321 §4.5.3.1.3: a path has 256 with its brackets). */
export const MAX_ADDRESS_LENGTH = 254;

/** Characters before the `@` (RFC 5321 §4.5.3.1.1). */
export const MAX_LOCAL_PART_LENGTH = 64;

/**
 * Mails to one address within `MAIL_WINDOW`, whoever asks: one that got lost and one more can be asked for
 * again, and no mailbox is filled.
 */
export const MAX_MAILS_PER_ADDRESS = 3;
export const MAIL_WINDOW: number = 24 * 3600 * 1000;

/** The least time between two mails to one address, in milliseconds: a mail server may take some minutes. */
export const MAIL_INTERVAL: number = 10 * 60 * 1000;

/** Mails that one client may have sent, to whatever addresses: a person has a handful of keys. */
export const CLIENT_MAIL_BUDGET: Budget = { requests: 10, seconds: 3600 };

/** Mails of this server altogether: what a mail server lets one program send before it takes it for a flood. */
export const SERVER_MAIL_BUDGET: Budget = { requests: 300, seconds: 3600 };

/** Addresses of one pushed key that are mailed for it. A person has one to three; more is a list of victims. */
export const MAX_ADDRESSES_PER_KEY = 4;

/** Keys named in one mail. */
export const MAX_KEYS_PER_MAIL = 8;

/** Certificates read for one request for a mail: those that carry the address. */
export const MAX_CARRIERS = 32;

/**
 * Pushed keys that wait for a proof, at most, and links that can be used: a day's worth of a large site. At
 * the 128 KiB of the largest certificate it is 128 MiB; at the 2 KiB of a usual one 2 MiB.
 */
export const MAX_WAITING = 1000;

/** Octets of a pushed key that can wait: with a third more in base64 it fits into a document of the store. */
export const MAX_WAITING_OCTETS: number = 160 * 1024;

/** Octets of the file with a password. */
export const MAX_PASSWORD_OCTETS = 1024;

/** How long a mail server may take to answer, in milliseconds: slow ones make senders wait on purpose. */
export const SMTP_TIMEOUT = 30_000;

/** How often documents that have expired are looked for, in milliseconds: all of a kind are read. */
export const SWEEP_INTERVAL: number = 60 * 1000;

/** Addresses mailed within `MAIL_WINDOW`: as many as `SERVER_MAIL_BUDGET` lets be, with room for restarts. */
export const MAX_MAILBOXES = 10_000;
