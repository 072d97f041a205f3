/* Tokens, as documents: the command line reads them as it reads those of a store that is not served. */
import type { TokenOrder } from '../access/token-order.ts';
import { TOKEN_KIND } from '../access/token-record.ts';
import type { TokenRecord } from '../access/token.ts';
import type { Document } from '../keystore/keystore.ts';
import { ServerError } from './error.ts';
import type { Operation, OperationAnswer } from './operation.ts';

export const addTokenOperation: Operation = {
  takes: ['order'],
  makes: true,
  run: async (args, { tokens }): Promise<OperationAnswer> => {
    const { record, text } = await tokens.add(readOrder(args.value('order')));
    return { value: { document: documentOf(record), text }, lines: [text] };
  },
};

export const listTokensOperation: Operation = {
  takes: [],
  makes: false,
  run: async (_args, { tokens }): Promise<OperationAnswer> => {
    const records = await tokens.list();
    return { value: records.map(documentOf), lines: records.map(({ id }) => id) };
  },
};

export const revokeTokenOperation: Operation = {
  takes: ['token'],
  makes: false,
  run: async (args, { tokens }): Promise<OperationAnswer> => {
    const record = await tokens.revoke(args.text('token'));
    return { value: documentOf(record), lines: [record.id] };
  },
};

function documentOf(record: TokenRecord): Document {
  return { kind: TOKEN_KIND, id: record.id, value: record, version: 1 };
}

function readOrder(value: unknown): TokenOrder {
  if (!isFields(value)) throw bad();
  const { name, role, expires, rules } = value;
  if (typeof name !== 'string' || (role !== 'push' && role !== 'admin') || !isFields(rules)) throw bad();
  const { fingerprints, emails, domains } = rules;
  if (!isTexts(fingerprints) || !isTexts(emails) || !isTexts(domains)) throw bad();
  const order = { name, role, rules: { fingerprints, emails, domains } } as const;
  if (expires === undefined) return order;
  if (typeof expires !== 'number' || !Number.isFinite(expires)) throw bad();
  return { ...order, expires };
}

function isFields(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isTexts(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.every((one) => typeof one === 'string');
}

function bad(): ServerError {
  return new ServerError('BAD_ARGUMENT', 'this is no order of a token');
}
