import { readTokenRecord } from '../../access/token-record.ts';
import type { TokenRecord } from '../../access/token.ts';
import type { Tokens } from '../../access/tokens.ts';
import { HttpError } from '../../http/error.ts';
import type { StoreArguments } from '../options.ts';
import { atStore } from './operate.ts';
import { NO_LOG } from './terminal-log.ts';

/** What the commands do with tokens; a running server does it for them. */
export type TokenOperations = Pick<Tokens, 'add' | 'list' | 'revoke'>;

/** The tokens of the store that the flags name; the store is made for the first of them when it is missing. */
export function tokensOf(args: StoreArguments): TokenOperations {
  const ask = async (name: string, given: Readonly<Record<string, unknown>>): Promise<unknown> =>
    (await atStore(args, name, given, NO_LOG)).value;
  return {
    add: async (order) => {
      const made = fieldsOf(await ask('token-add', { order }));
      const { document, text } = made;
      if (typeof text !== 'string') throw unreadable();
      return { record: recordOf(document), text };
    },
    list: async () => {
      const all = await ask('token-list', {});
      if (!Array.isArray(all)) throw unreadable();
      return all.map(recordOf);
    },
    revoke: async (token) => recordOf(await ask('token-revoke', { token })),
  };
}

/** As it stands in a store, and is checked when it is read. */
function recordOf(value: unknown): TokenRecord {
  const { kind, id, value: held, version } = fieldsOf(value);
  if (typeof kind !== 'string' || typeof id !== 'string' || typeof version !== 'number') throw unreadable();
  return readTokenRecord({ kind, id, value: held, version });
}

function fieldsOf(value: unknown): Readonly<Record<string, unknown>> {
  if (typeof value !== 'object' || value === null) throw unreadable();
  return { ...value };
}

function unreadable(): HttpError {
  return new HttpError('UNREACHABLE', 'the server answered something else than tokens');
}
