import type { Context } from 'koa';
import { sendReady, type ReadyAnswer } from '../http/ready-answer.ts';
import { HkpError } from './error.ts';
import { getQuestion } from './get.ts';
import { KnownQueries } from './known-queries.ts';
import { list, machineQuestion } from './listing.ts';
import { Parameters } from './parameters.ts';
import type { Question } from './ready-answers.ts';
import type { HkpService } from './service.ts';
import { digestSearch } from './hashquery.ts';
import { stats } from './stats.ts';

/** An operation whose answers can be kept ready, or undefined for those that cannot. */
type Ask = (service: HkpService, parameters: Parameters) => Question | undefined;

/** Any other. */
type Answer = (ctx: Context, service: HkpService, parameters: Parameters) => Promise<void>;

interface Operation {
  readonly ask?: Ask;
  readonly answer?: Answer;
}

const INDEX: Operation = { ask: machineQuestion, answer: list };

const OPERATIONS: ReadonlyMap<string, Operation> = new Map<string, Operation>([
  ['get', { ask: getQuestion }],
  ['index', INDEX],
  ['vindex', INDEX],
  ['stats', { answer: stats }],
  ['hget', { answer: digestSearch }],
]);

export const LOOKUP_PATH = '/pks/lookup';

/** `GET /pks/lookup` (draft-shaw-openpgp-hkp-00 §3). */
export async function lookup(ctx: Context, service: HkpService): Promise<void> {
  const parameters = new Parameters(ctx.querystring);
  const { ask, answer } = operationOf(parameters);
  const question = ask?.(service, parameters);
  if (question === undefined) await answer?.(ctx, service, parameters);
  else sendReady(ctx, await service.answers.give(question, service.now()));
}

/** Gives what `lookup` would answer to a query, or what makes that; undefined where it takes the whole request. */
export function readyLookup(
  service: HkpService,
): (query: string) => ReadyAnswer | (() => Promise<ReadyAnswer>) | undefined {
  const { answers, now } = service;
  const known = new KnownQueries();
  return (query) => {
    const time = now();
    const key = known.keyOf(query);
    const kept = key === undefined ? undefined : answers.find(key, time);
    if (kept !== undefined) return kept;
    const question = readQuestion(service, query);
    if (question === undefined) return undefined;
    return async () => {
      const answer = await answers.give(question, time);
      if (answers.keeps(question.key)) known.add(query, question.key);
      return answer;
    };
  };
}

function readQuestion(service: HkpService, query: string): Question | undefined {
  try {
    const parameters = new Parameters(query);
    return operationOf(parameters).ask?.(service, parameters);
  } catch {
    // `lookup` says what is wrong with it.
    return undefined;
  }
}

function operationOf(parameters: Parameters): Operation {
  const op = parameters.text('op')?.toLowerCase() ?? '';
  const operation = OPERATIONS.get(op);
  if (operation !== undefined) return operation;
  const known = [...OPERATIONS.keys()].join(', ');
  if (op === '') throw new HkpError('MISSING_OP', `the variable "op" is missing: give one of ${known}`);
  // draft-ietf-openpgp-hkp §4.2: 501 for an operation that is not supported.
  throw new HkpError('UNKNOWN_OP', `this operation is not offered; there are ${known}`);
}
