import type { Context } from 'koa';
import { AdmissionError } from '../admission/error.ts';
import type { Assumptions } from '../admission/admission.ts';
import type { Caller } from '../admission/request.ts';
import type { Verdict } from '../policy/verdict.ts';
import { readBody } from '../http/body.ts';
import { readAdmit } from './admit-body.ts';
import { admitted, gate, questionIn } from './admitted.ts';
import { EVERYBODY, KNOWN_USERS, readJson } from './door-routes.ts';
import type { DoorRoutes } from './door-routes.ts';
import { bad, isFields, optionalText, optionalTime } from './fields.ts';
import { DEFAULT_DECISIONS, MAX_BODY_OCTETS, MAX_DECISIONS, MAX_POLICY_BODY_OCTETS } from './limits.ts';
import { numberIn, readQuery, textIn } from './query.ts';
import type { DecisionQuery, TrustService } from './trust-service.ts';

/** What is decided, and what was. */
export function addDecisionRoutes(routes: DoorRoutes, service: TrustService): void {
  routes.post('/v1/admit', EVERYBODY, async (ctx, caller) => {
    ctx.body = await admitted(service, questionIn(service, await readBody(ctx, MAX_BODY_OCTETS)), caller);
  });

  routes.get('/v1/gate', EVERYBODY, async (ctx, caller) => {
    const { status, headers, body } = await gate(service, ctx.querystring, caller);
    ctx.set({ ...headers });
    if (status === 204) {
      ctx.body = null;
      return;
    }
    ctx.status = status;
    ctx.type = 'text/plain; charset=utf-8';
    ctx.body = body;
  });

  routes.post('/v1/explain', EVERYBODY, async (ctx, caller) => {
    const limit = caller.kind === 'admin' ? MAX_POLICY_BODY_OCTETS : MAX_BODY_OCTETS;
    const body = await readJson(ctx, limit);
    const request = readAdmit(body, service.maxWait, ['policy', 'at']);
    ctx.body = await service.admission.explain(request, caller, readAssumptions(body, caller, service));
  });

  routes.get('/v1/decisions', KNOWN_USERS, async (ctx, caller) => {
    ctx.body = { decisions: await service.decisions.list(readDecisionQuery(ctx.querystring, caller)) };
  });

  routes.get('/v1/decisions/:id', KNOWN_USERS, async (ctx, caller) => {
    const uid = caller.kind === 'user' ? caller.uid : undefined;
    const found = await service.decisions.find(idOf(ctx), uid);
    if (found === undefined) throw new AdmissionError('NOT_FOUND', 'there is no decision with this name');
    ctx.body = found;
  });
}

function readAssumptions(body: unknown, caller: Caller, { policies }: TrustService): Assumptions {
  const { policy, at } = isFields(body) ? body : {};
  if (caller.kind !== 'admin' && (policy !== undefined || at !== undefined)) {
    throw new AdmissionError('FORBIDDEN', 'policy and at are offered on the admin socket only');
  }
  const text = optionalText(policy, 'policy', MAX_POLICY_BODY_OCTETS);
  const time = optionalTime(at, 'at');
  return {
    ...(text !== undefined && { policy: policies.candidate(text) }),
    ...(time !== undefined && { at: time }),
  };
}

function readDecisionQuery(querystring: string, caller: Caller): DecisionQuery {
  const query = readQuery(querystring, ['since', 'until', 'uid', 'verdict', 'limit']);
  const since = optionalTime(textIn(query, 'since'), 'since');
  const until = optionalTime(textIn(query, 'until'), 'until');
  const uid = uidIn(query, caller);
  const verdict = verdictIn(query);
  const limit = numberIn(query, 'limit') ?? DEFAULT_DECISIONS;
  if (limit < 1 || limit > MAX_DECISIONS) throw bad(`limit must be from 1 to ${MAX_DECISIONS}`);
  return {
    ...(since !== undefined && { since }),
    ...(until !== undefined && { until }),
    ...(uid !== undefined && { uid }),
    ...(verdict !== undefined && { verdict }),
    limit,
  };
}

/** A user is told its own decisions. */
function uidIn(query: ReadonlyMap<string, Buffer>, caller: Caller): number | undefined {
  const uid = numberIn(query, 'uid');
  if (caller.kind !== 'user') return uid;
  if (uid === undefined || uid === caller.uid) return caller.uid;
  throw new AdmissionError('FORBIDDEN', 'decisions about others are told on the admin socket only');
}

function verdictIn(query: ReadonlyMap<string, Buffer>): Verdict | undefined {
  const word = textIn(query, 'verdict');
  if (word === undefined || word === 'admit' || word === 'refuse' || word === 'undetermined') return word;
  throw bad('verdict must be admit, refuse or undetermined');
}

function idOf(ctx: Context): string {
  return /\/([^/]*)$/.exec(ctx.path)?.[1] ?? '';
}
