import { decisionJson } from '../admission/decision-json.ts';
import type { Caller } from '../admission/request.ts';
import type { PlainAnswer, PlainRequest, DirectRoute } from '../http/direct-route.ts';
import { admitted, gate, questionIn } from './admitted.ts';
import { KnownQuestions } from './known-questions.ts';
import { MAX_BODY_OCTETS } from './limits.ts';
import type { TrustService } from './trust-service.ts';

/** What every answer of the daemon says of itself. */
export const ANSWER_HEADERS = { 'Cache-Control': 'no-store', 'X-Content-Type-Options': 'nosniff' } as const;

const EMPTY_HEADERS = Object.entries(ANSWER_HEADERS).flat();
const JSON_HEADERS = [...EMPTY_HEADERS, 'Content-Type', 'application/json; charset=utf-8'];
const TEXT_HEADERS = [...EMPTY_HEADERS, 'Content-Type', 'text/plain; charset=utf-8'];

const ADMIT = '/v1/admit';
const GATE = '/v1/gate?';
/** Of characters that nobody reads in two ways: anything else in an address is Koa's to read. */
const PLAIN_GATE = /^\/v1\/gate\?[!"$-~]*$/;

/** `POST /v1/admit` and `GET /v1/gate`, which every start of an image waits for. */
export function directDecisions(service: TrustService, caller: Caller): DirectRoute {
  const questions = new KnownQuestions((body) => questionIn(service, body));
  return {
    maxOctets: MAX_BODY_OCTETS,
    takes: (method, target) =>
      method === 'POST' ? target === ADMIT : method === 'GET' && PLAIN_GATE.test(target),
    answer: ({ method, target, body }) =>
      method === 'POST' ? admit(service, questions, body, caller) : askGate(service, target, caller),
  };
}

async function admit(
  service: TrustService,
  questions: KnownQuestions,
  body: PlainRequest['body'],
  caller: Caller,
): Promise<PlainAnswer> {
  const decision = await admitted(service, questions.of(body), caller);
  return { status: 200, headers: JSON_HEADERS, body: decisionJson(decision) };
}

async function askGate(service: TrustService, target: string, caller: Caller): Promise<PlainAnswer> {
  const { status, headers, body } = await gate(service, target.slice(GATE.length), caller);
  const more = Object.entries(headers).flat();
  if (status === 204) return { status, headers: [...EMPTY_HEADERS, ...more] };
  return { status, headers: [...TEXT_HEADERS, ...more], body };
}
