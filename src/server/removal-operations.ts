/* Taking keys out for good, and letting them in again. */
import type { Keystore, Tombstone } from '../keystore/keystore.ts';
import { removeKey } from '../keystore/remove-key.ts';
import { ServerError } from './error.ts';
import type { OperationArguments } from './operation-arguments.ts';
import type { Operation, OperationAnswer, OperationParts } from './operation.ts';

/** Stops a key, whether it is held or not. */
export const blockOperation: Operation = {
  takes: ['fingerprint', 'reason'],
  makes: true,
  run: async (args, parts) => bury(args, parts),
};

/** The same for a key that is held; a fingerprint with a slip in it is told. */
export const removeOperation: Operation = {
  takes: ['fingerprint', 'reason'],
  makes: false,
  run: async (args, parts) => {
    const fingerprint = args.fingerprint('fingerprint');
    const { keystore } = parts.store;
    const { fingerprints } = await keystore.find([{ kind: 'fingerprint', value: fingerprint }], { limit: 1 });
    if (fingerprints.length === 0) {
      throw new ServerError('NOT_FOUND', `no certificate with the key ${fingerprint} is held`);
    }
    return bury(args, parts);
  },
};

export const unblockOperation: Operation = {
  takes: ['fingerprint'],
  makes: false,
  run: async (args, { store }): Promise<OperationAnswer> => {
    const fingerprint = args.fingerprint('fingerprint');
    if (!(await store.keystore.unblock(fingerprint))) {
      throw new ServerError('NOT_FOUND', `${fingerprint} is not blocked`);
    }
    return {
      value: { fingerprint, unblocked: true },
      lines: [`${fingerprint} can be pushed again; what was removed does not come back by itself.`],
    };
  },
};

/** Every tombstone. */
export const blockedOperation: Operation = {
  takes: [],
  makes: false,
  run: async (_args, { store }): Promise<OperationAnswer> => {
    const all = await tombstonesOf(store.keystore);
    return {
      value: all.map((one) => ({ ...one, time: new Date(one.time).toISOString() })),
      lines: all.map(
        ({ fingerprint, time, by, reason }) =>
          `${fingerprint}  ${new Date(time).toISOString()}  ${by}${reason === '' ? '' : `  ${reason}`}`,
      ),
    };
  },
};

async function bury(args: OperationArguments, { store, now }: OperationParts): Promise<OperationAnswer> {
  const fingerprint = args.fingerprint('fingerprint');
  const reason = args.optionalText('reason') ?? '';
  const removed = await removeKey(store.keystore, { fingerprint, time: now(), by: 'operator', reason });
  const taken = removed.map((one) => `Removed the certificate ${one}.`);
  return {
    value: { fingerprint, blocked: true, removed },
    lines: [...taken, `${fingerprint} is blocked: no certificate with this key is taken.`],
  };
}

async function tombstonesOf(keystore: Keystore): Promise<readonly Tombstone[]> {
  const all: Tombstone[] = [];
  for await (const tombstone of keystore.allTombstones()) all.push(tombstone);
  return all;
}
