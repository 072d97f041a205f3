/* What LevelDB reports, in this room's words. */
import { KeystoreError } from './error.ts';

export function openFailure(folder: string, error: unknown): KeystoreError {
  const cause = causeOf(error);
  switch (codeOf(cause)) {
    case 'LEVEL_LOCKED':
      return new KeystoreError(
        'LOCKED',
        `Another process has the keystore in ${folder} open. Stop it, or name another folder.`,
        { cause },
      );
    case 'LEVEL_CORRUPTION':
      return damaged(folder, cause);
    default:
      // The binding hands on no errno. A file that CURRENT leads to and that is missing is no matter of rights.
      return messageOf(cause).endsWith('No such file or directory')
        ? damaged(folder, cause)
        : unwritable(folder, cause);
  }
}

function damaged(folder: string, cause: unknown): KeystoreError {
  return new KeystoreError(
    'CORRUPT',
    `The keystore in ${folder} is damaged (${messageOf(cause)}). Restore it from a backup or a dump.`,
    { cause },
  );
}

export function unwritable(folder: string, cause: unknown): KeystoreError {
  return new KeystoreError(
    'UNWRITABLE',
    `The keystore's folder ${folder} cannot be used (${messageOf(cause)}). Its owner must be able to write there.`,
    { cause },
  );
}

export function readFailure(error: unknown): KeystoreError {
  switch (codeOf(error)) {
    case 'LEVEL_DATABASE_NOT_OPEN':
    case 'LEVEL_ITERATOR_NOT_OPEN':
    case 'LEVEL_SNAPSHOT_NOT_OPEN':
      return new KeystoreError('CLOSED', 'The keystore is closed.', { cause: error });
    case 'LEVEL_CORRUPTION':
      return new KeystoreError(
        'CORRUPT',
        `The keystore's files are damaged: ${messageOf(error)}. Restore them from a backup or a dump.`,
        { cause: error },
      );
    default:
      return new KeystoreError('READ_FAILED', `The disk refused a read: ${messageOf(error)}`, {
        cause: error,
      });
  }
}

function codeOf(error: unknown): unknown {
  return error instanceof Error && 'code' in error ? error.code : undefined;
}

/** LevelDB's own reason is the cause of abstract-level's "database failed to open". */
function causeOf(error: unknown): unknown {
  return error instanceof Error && error.cause instanceof Error ? error.cause : error;
}

export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
