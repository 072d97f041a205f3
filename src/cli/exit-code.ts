/* Every error's exit code, by room: a code that is not here does not compile. design.md has the table. */
import type { VouchError } from '../error.ts';
import { AccessError } from '../access/error.ts';
import type { AccessErrorCode } from '../access/error.ts';
import { AdmissionError } from '../admission/error.ts';
import type { AdmissionErrorCode } from '../admission/error.ts';
import { ConfigError } from '../config/error.ts';
import type { ConfigErrorCode } from '../config/error.ts';
import { HttpError } from '../http/error.ts';
import type { HttpErrorCode } from '../http/error.ts';
import { HkpClientError } from '../hkp/client/error.ts';
import type { HkpClientErrorCode } from '../hkp/client/error.ts';
import { KeyringError } from '../keyring/error.ts';
import type { KeyringErrorCode } from '../keyring/error.ts';
import { IntegrityError } from '../integrity/error.ts';
import type { IntegrityErrorCode } from '../integrity/error.ts';
import { KeystoreError } from '../keystore/error.ts';
import type { KeystoreErrorCode } from '../keystore/error.ts';
import { MailError } from '../mail/error.ts';
import type { MailErrorCode } from '../mail/error.ts';
import { PolicyError } from '../policy/error.ts';
import type { PolicyErrorCode } from '../policy/error.ts';
import { OpenPgpError } from '../openpgp/error.ts';
import type { OpenPgpErrorCode } from '../openpgp/error.ts';
import { SifError } from '../sif/error.ts';
import type { SifErrorCode } from '../sif/error.ts';
import { ServerError } from '../server/error.ts';
import type { ServerErrorCode } from '../server/error.ts';
import { ServerRefusal } from './keystore/server-refusal.ts';
import { CliError } from './error.ts';
import type { CliErrorCode } from './error.ts';

/** sysexits.h as far as Vouch uses it, and one code for work that was stopped. */
export const EXIT = {
  done: 0,
  /** No rule, not the signers that are wanted, denied, outside a window, too weakly bound. */
  refusedByPolicy: 10,
  /** Not a SIF image, unsigned, changed, badly signed, or signed by nobody known. */
  evidenceBad: 11,
  /** The signer's key is revoked or has expired. */
  keyState: 12,
  /** With --strict: only audit mode or a waiver admits. */
  admittedByException: 13,
  /** It cannot be told: something that has to be known cannot be read. */
  undetermined: 20,
  /** Nobody answered: the daemon is down, not ready, or has too much to do. */
  noAnswer: 30,
  usage: 64,
  badInput: 65,
  noInput: 66,
  unavailable: 69,
  internal: 70,
  notPermitted: 77,
  configuration: 78,
  /** 128 and the number of SIGINT, as shells have it. */
  interrupted: 130,
} as const;

export type ExitCode = (typeof EXIT)[keyof typeof EXIT];

const CLI: Record<CliErrorCode, ExitCode> = {
  USAGE: EXIT.usage,
  NO_SUCH_FILE: EXIT.noInput,
  UNREADABLE_FILE: EXIT.notPermitted,
  UNWRITABLE_FILE: EXIT.notPermitted,
  NO_ANSWER: EXIT.usage,
  NO_DAEMON: EXIT.noAnswer,
  DAEMON_REFUSED: EXIT.unavailable,
  INTERRUPTED: EXIT.interrupted,
};

const CONFIG: Record<ConfigErrorCode, ExitCode> = {
  CONFIG_NOT_FOUND: EXIT.configuration,
  CONFIG_UNREADABLE: EXIT.configuration,
  CONFIG_UNTRUSTED: EXIT.configuration,
  BAD_TOML: EXIT.configuration,
  UNKNOWN_KEY: EXIT.configuration,
  BAD_VALUE: EXIT.configuration,
};

const ACCESS: Record<AccessErrorCode, ExitCode> = {
  BAD_NETWORK: EXIT.configuration,
  BAD_TOKEN: EXIT.usage,
  TOO_MANY_TOKENS: EXIT.notPermitted,
  NO_SUCH_TOKEN: EXIT.noInput,
  CORRUPT_TOKEN: EXIT.badInput,
};

// Whoever runs a command has named the folder or the database; that it cannot be used is a matter of configuration.
const KEYSTORE: Record<KeystoreErrorCode, ExitCode> = {
  BAD_PAGE_TOKEN: EXIT.internal,
  BAD_QUERY: EXIT.internal,
  BAD_ITEM: EXIT.badInput,
  TOO_BROAD: EXIT.internal,
  WRONG_FINGERPRINT: EXIT.internal,
  CLOSED: EXIT.internal,
  LOCKED: EXIT.configuration,
  UNWRITABLE: EXIT.configuration,
  NO_STORE: EXIT.noInput,
  CORRUPT: EXIT.badInput,
  WRONG_FORMAT: EXIT.configuration,
  READ_FAILED: EXIT.unavailable,
  WRITE_FAILED: EXIT.unavailable,
  UNAVAILABLE: EXIT.unavailable,
  BAD_ADDRESS: EXIT.usage,
};

// Commands meet only those of listening and of asking a daemon; the others are answers to a request.
const HTTP: Record<HttpErrorCode, ExitCode> = {
  BAD_REQUEST: EXIT.internal,
  BAD_FORM: EXIT.internal,
  BODY_TOO_LARGE: EXIT.internal,
  BODY_ABORTED: EXIT.internal,
  UNSUPPORTED_ENCODING: EXIT.internal,
  UNSUPPORTED_MEDIA_TYPE: EXIT.internal,
  NO_SUCH_PAGE: EXIT.internal,
  METHOD_NOT_ALLOWED: EXIT.internal,
  UNAUTHORIZED: EXIT.internal,
  FORBIDDEN: EXIT.internal,
  TOO_MANY_REQUESTS: EXIT.internal,
  ADDRESS_IN_USE: EXIT.configuration,
  LISTEN_FAILED: EXIT.configuration,
  UNREACHABLE: EXIT.noAnswer,
  ANSWER_LATE: EXIT.noAnswer,
  ANSWER_TOO_LARGE: EXIT.noAnswer,
};

const KEYRING: Record<KeyringErrorCode, ExitCode> = {
  UNREADABLE: EXIT.notPermitted,
  UNWRITABLE: EXIT.notPermitted,
  TOO_LARGE: EXIT.badInput,
  BUSY: EXIT.unavailable,
  CHANGED: EXIT.unavailable,
  BAD_NAME: EXIT.usage,
  NO_SUCH_KEY: EXIT.noInput,
  AMBIGUOUS: EXIT.badInput,
  ALREADY_HELD: EXIT.badInput,
};

const HKP_CLIENT: Record<HkpClientErrorCode, ExitCode> = {
  BAD_URL: EXIT.usage,
  UNREACHABLE: EXIT.unavailable,
  TIMEOUT: EXIT.unavailable,
  ANSWER_TOO_LARGE: EXIT.unavailable,
  BAD_REDIRECT: EXIT.unavailable,
  UNAUTHORIZED: EXIT.unavailable,
  REFUSED: EXIT.unavailable,
  BAD_ANSWER: EXIT.unavailable,
  WRONG_CERTIFICATE: EXIT.unavailable,
};

const OPENPGP: Record<OpenPgpErrorCode, ExitCode> = {
  NO_ARMOR: EXIT.badInput,
  BAD_ARMOR: EXIT.badInput,
  BAD_PACKET: EXIT.badInput,
  UNEXPECTED_PACKET: EXIT.badInput,
  SECRET_KEY: EXIT.badInput,
  UPLOAD_TOO_LARGE: EXIT.badInput,
  CERTIFICATE_TOO_LARGE: EXIT.badInput,
  UNSUPPORTED_KEY: EXIT.badInput,
  NOTHING_VALID: EXIT.badInput,
  BAD_CERTIFICATE: EXIT.badInput,
  BAD_CLEARTEXT: EXIT.badInput,
  BAD_SECRET_KEY: EXIT.badInput,
  LOCKED_KEY: EXIT.notPermitted,
  WRONG_PASSPHRASE: EXIT.notPermitted,
  UNSUPPORTED_PROTECTION: EXIT.badInput,
  NO_SECRET_PART: EXIT.badInput,
  CANNOT_SIGN: EXIT.badInput,
  BAD_KEY_OPTION: EXIT.usage,
};

const SIF: Record<SifErrorCode, ExitCode> = {
  NOT_A_SIF: EXIT.badInput,
  BAD_HEADER: EXIT.badInput,
  BAD_DESCRIPTOR: EXIT.badInput,
  TOO_LARGE: EXIT.badInput,
  NO_SUCH_OBJECT: EXIT.noInput,
  TABLE_FULL: EXIT.badInput,
  BAD_INPUT: EXIT.badInput,
  IN_USE: EXIT.unavailable,
};

const INTEGRITY: Record<IntegrityErrorCode, ExitCode> = {
  NO_SUCH_GROUP: EXIT.noInput,
  NO_SUCH_OBJECT: EXIT.noInput,
  NOTHING_TO_SIGN: EXIT.badInput,
  BAD_PEM: EXIT.badInput,
  UNSUPPORTED_KEY: EXIT.badInput,
  TOO_MUCH_DATA: EXIT.badInput,
};

const POLICY: Record<PolicyErrorCode, ExitCode> = {
  BAD_SYNTAX: EXIT.badInput,
  UNKNOWN_KEY: EXIT.badInput,
  BAD_VALUE: EXIT.badInput,
  INCONSISTENT: EXIT.badInput,
  BAD_ECL: EXIT.badInput,
  BAD_CASES: EXIT.badInput,
};

const ADMISSION: Record<AdmissionErrorCode, ExitCode> = {
  LOCKED: EXIT.configuration,
  STATE_UNUSABLE: EXIT.configuration,
  QUEUE_FULL: EXIT.noAnswer,
  LOG_UNWRITABLE: EXIT.configuration,
  LOG_BROKEN: EXIT.badInput,
  BAD_LOG_KEY: EXIT.configuration,
  KEYS_UNREADABLE: EXIT.configuration,
  PROMOTE_FAILED: EXIT.notPermitted,
  NOT_FOUND: EXIT.noInput,
  BAD_REQUEST: EXIT.usage,
  FORBIDDEN: EXIT.notPermitted,
  NOT_READY: EXIT.noAnswer,
};

const MAIL: Record<MailErrorCode, ExitCode> = {
  NO_PASSWORD: EXIT.configuration,
  CORRUPT_PROOF: EXIT.badInput,
};

const SERVER: Record<ServerErrorCode, ExitCode> = {
  BAD_BACKUP: EXIT.badInput,
  NO_BACKUP: EXIT.noInput,
  BACKUP_FAILED: EXIT.unavailable,
  NOT_EMPTY: EXIT.configuration,
  COPY_DIFFERS: EXIT.unavailable,
  BAD_ARGUMENT: EXIT.usage,
  NOT_FOUND: EXIT.noInput,
  NOT_RUNNING: EXIT.noAnswer,
  BAD_FILE: EXIT.configuration,
};

/** The errors of a room. */
interface RoomErrors {
  readonly name: string;
  readonly codeOf: (error: unknown) => ExitCode | undefined;
  readonly exitCodes: ReadonlyMap<string, ExitCode>;
}

/** Every code of a room has an exit code, or this does not compile. */
function room<Code extends string>(
  ErrorClass: (abstract new (...given: never) => VouchError<Code>) & { readonly name: string },
  exitCodes: Record<Code, ExitCode>,
): RoomErrors {
  return {
    name: ErrorClass.name,
    codeOf: (error) => (error instanceof ErrorClass ? exitCodes[error.code] : undefined),
    exitCodes: new Map(Object.entries<ExitCode>(exitCodes)),
  };
}

const ROOMS: readonly RoomErrors[] = [
  room(CliError, CLI),
  room(ConfigError, CONFIG),
  room(AccessError, ACCESS),
  room(KeystoreError, KEYSTORE),
  room(HttpError, HTTP),
  room(MailError, MAIL),
  room(ServerError, SERVER),
  room(KeyringError, KEYRING),
  room(HkpClientError, HKP_CLIENT),
  room(OpenPgpError, OPENPGP),
  room(SifError, SIF),
  room(IntegrityError, INTEGRITY),
  room(PolicyError, POLICY),
  room(AdmissionError, ADMISSION),
];

/** 70 for everything that was not thrown on purpose: a fault of the program. */
export function exitCodeOf(error: unknown): ExitCode {
  if (error instanceof ServerRefusal) return exitCodeOfRefusal(error);
  for (const { codeOf } of ROOMS) {
    const exitCode = codeOf(error);
    if (exitCode !== undefined) return exitCode;
  }
  return EXIT.internal;
}

/** A server of another version may know errors that this program does not. */
function exitCodeOfRefusal({ room: name, code }: ServerRefusal): ExitCode {
  return ROOMS.find((one) => one.name === name)?.exitCodes.get(code) ?? EXIT.unavailable;
}
