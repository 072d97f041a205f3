import type { Context } from 'koa';
import { HkpError } from './error.ts';
import { get } from './get.ts';
import { list } from './listing.ts';
import { Parameters } from './parameters.ts';
import type { HkpService } from './service.ts';
import { digestSearch } from './hashquery.ts';
import { stats } from './stats.ts';

type Operation = (ctx: Context, service: HkpService, parameters: Parameters) => Promise<void>;

const OPERATIONS: ReadonlyMap<string, Operation> = new Map([
  ['get', get],
  ['index', list],
  ['vindex', list],
  ['stats', stats],
  ['hget', digestSearch],
]);

/** `GET /pks/lookup` (draft-shaw-openpgp-hkp-00 §3). */
export async function lookup(ctx: Context, service: HkpService): Promise<void> {
  const parameters = new Parameters(ctx.querystring);
  const op = parameters.text('op')?.toLowerCase() ?? '';
  const known = [...OPERATIONS.keys()].join(', ');
  if (op === '') throw new HkpError('MISSING_OP', `the variable "op" is missing: give one of ${known}`);
  const operation = OPERATIONS.get(op);
  // draft-ietf-openpgp-hkp §4.2: 501 for an operation that is not supported.
  if (operation === undefined)
    throw new HkpError('UNKNOWN_OP', `this operation is not offered; there are ${known}`);
  await operation(ctx, service, parameters);
}
