/* Decisions as they are asked for, whichever way the question came. */
import type { Decision } from '../admission/decision.ts';
import { AdmissionError } from '../admission/error.ts';
import type { AdmitRequest, Caller } from '../admission/request.ts';
import { checkedPath, readAdmit, waitOf } from './admit-body.ts';
import { bad } from './fields.ts';
import { jsonIn } from './door-routes.ts';
import { gateAnswer } from './gate.ts';
import type { GateAnswer } from './gate.ts';
import { MAX_WAIT } from './limits.ts';
import { numberIn, readQuery, textIn } from './query.ts';
import type { TrustService } from './trust-service.ts';

/** What is asked in a body. Throws `BAD_REQUEST`. */
export function questionIn(service: TrustService, body: Uint8Array): AdmitRequest {
  return readAdmit(jsonIn(body), service.maxWait);
}

/** What a query asks, for shells. Throws `BAD_REQUEST` and `QUEUE_FULL`. */
export async function gate(service: TrustService, querystring: string, caller: Caller): Promise<GateAnswer> {
  const { request, strict } = readGate(querystring, service.maxWait);
  return gateAnswer(await admitted(service, request, caller), strict);
}

/** Throws `QUEUE_FULL`. */
export async function admitted(
  service: TrustService,
  request: AdmitRequest,
  caller: Caller,
): Promise<Decision> {
  try {
    const decision = await service.admission.admit(request, caller);
    service.observer.decided(decision);
    return decision;
  } catch (error) {
    if (error instanceof AdmissionError && error.code === 'QUEUE_FULL') service.observer.overloaded();
    throw error;
  }
}

function readGate(
  querystring: string,
  maxWait: number,
): { readonly request: AdmitRequest; readonly strict: boolean } {
  const query = readQuery(querystring, ['path', 'pid', 'fd', 'wait_ms', 'strict']);
  const path = query.get('path');
  const pid = numberIn(query, 'pid');
  const fd = numberIn(query, 'fd');
  const wait = numberIn(query, 'wait_ms');
  const strict = textIn(query, 'strict') ?? '0';
  if (strict !== '0' && strict !== '1') throw bad('strict must be 0 or 1');
  if (wait !== undefined && wait > MAX_WAIT) throw bad(`wait_ms must be at most ${MAX_WAIT}`);
  if ((pid === undefined) !== (fd === undefined)) throw bad('pid and fd belong together');
  const about = { context: {}, wait: waitOf(wait, maxWait) };
  if (pid !== undefined && fd !== undefined) {
    // What the process holds open is judged; a path beside it is what the process says of it.
    return { request: { images: [{ kind: 'fd', pid, fd }], ...about }, strict: strict === '1' };
  }
  if (path === undefined) throw bad('name an image: path, or pid and fd');
  const image = { kind: 'path', path: checkedPath(path, 'path') } as const;
  return { request: { images: [image], ...about }, strict: strict === '1' };
}
