/* What operators do with a keystore, whether a server runs on it or not: the one implementation of each. */
import { dirname, isAbsolute } from 'node:path';
import { writeBackup } from './backup/write-backup.ts';
import { ServerError } from './error.ts';
import { OperationArguments } from './operation-arguments.ts';
import type { Operation, OperationAnswer, OperationParts } from './operation.ts';
import { blockedOperation, blockOperation, removeOperation, unblockOperation } from './removal-operations.ts';
import { jobsOperation, statusOperation } from './status-operation.ts';
import { addTokenOperation, listTokensOperation, revokeTokenOperation } from './token-operations.ts';

/** To a file, or as the job does it. */
const backupOperation: Operation = {
  takes: ['file'],
  makes: false,
  run: async (args, { store, book, now }): Promise<OperationAnswer> => {
    const file = args.optionalText('file');
    if (file === undefined) {
      const { ok, words } = await book.run('backup');
      if (!ok) throw new ServerError('BACKUP_FAILED', words);
      return { value: { words }, lines: [words] };
    }
    if (!isAbsolute(file)) throw new ServerError('BAD_ARGUMENT', 'the file of a backup is an absolute path');
    const facts = await writeBackup(file, store.keystore.items(), now());
    const { counts, octets, digest } = facts;
    const held = `${counts.certificates} certificates, ${counts.documents} documents, ${counts.tombstones} tombstones`;
    return {
      value: { file, folder: dirname(file), octets, sha256: digest, ...counts },
      lines: [`Wrote ${file}: ${held}, ${octets} octets, read back.`],
    };
  },
};

const reloadOperation: Operation = {
  takes: [],
  makes: false,
  run: async (_args, { running }): Promise<OperationAnswer> => {
    if (running === undefined) throw new ServerError('NOT_RUNNING', 'no server runs on this store');
    const { changed, needRestart } = await running.reload();
    const later = needRestart.map((name) => `${name} changes with the next start.`);
    return {
      value: { changed, needRestart },
      lines: [changed.length === 0 ? 'Nothing changed.' : `Changed: ${changed.join(', ')}.`, ...later],
    };
  },
};

/** By the names of their addresses and commands. */
const OPERATIONS: ReadonlyMap<string, Operation> = new Map([
  ['status', statusOperation],
  ['jobs', jobsOperation],
  ['block', blockOperation],
  ['unblock', unblockOperation],
  ['remove', removeOperation],
  ['blocked', blockedOperation],
  ['backup', backupOperation],
  ['reload', reloadOperation],
  ['token-add', addTokenOperation],
  ['token-list', listTokensOperation],
  ['token-revoke', revokeTokenOperation],
]);

export function operationNamed(name: string): Operation {
  const operation = OPERATIONS.get(name);
  if (operation === undefined) throw new ServerError('NOT_FOUND', 'there is no operation of that name');
  return operation;
}

/** Throws `ServerError` and what the rooms below throw. */
export async function operate(name: string, given: unknown, parts: OperationParts): Promise<OperationAnswer> {
  const operation = operationNamed(name);
  return operation.run(new OperationArguments(given, operation.takes), parts);
}
