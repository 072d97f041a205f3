import { AdmissionError } from '../../src/admission/error.ts';
import type { Decision, ImageDecision } from '../../src/admission/decision.ts';
import type { AdmitRequest, Caller } from '../../src/admission/request.ts';
import type { Assumptions } from '../../src/admission/admission.ts';
import type { DecisionQuery, TrustService } from '../../src/daemon/trust-service.ts';
import { parsePolicy } from '../../src/policy/parse-policy.ts';
import type { Reason } from '../../src/policy/verdict.ts';

export interface Asked {
  readonly what: string;
  readonly request?: AdmitRequest;
  readonly caller?: Caller;
  readonly assumed?: Assumptions;
  readonly query?: DecisionQuery;
  readonly given?: unknown;
}

export const REVOKED: Reason = {
  code: 'KEY_REVOKED_HARD',
  check: 'revocation',
  action: 'enforce',
  text: "alice's key was revoked: \u001b[31mstolen\n",
};

export function decision(image: Partial<ImageDecision> = {}, whole: Partial<Decision> = {}): Decision {
  const one: ImageDecision = {
    path: '/srv/a.sif',
    verdict: 'admit',
    effective: 'admit',
    binding: 'identity',
    cached: true,
    reasons: [],
    signers: [],
    ...image,
  };
  return {
    api: 1,
    decision_id: '01',
    time: '2026-11-22T02:40:11.123Z',
    verdict: one.verdict,
    effective: one.effective,
    mode: 'enforce',
    reasons: one.reasons,
    images: [one],
    keys_epoch: 1,
    caller: { attested: 'admin' },
    took_us: 40,
    ...whole,
  };
}

export interface FakeService extends TrustService {
  readonly asked: Asked[];
  /** What the next answers are, or what is thrown instead of one. */
  answer: Decision | Error;
  problems: readonly string[];
}

export function fakeService(): FakeService {
  const asked: Asked[] = [];
  const silent = (): void => undefined;
  const service: FakeService = {
    asked,
    answer: decision(),
    problems: [],
    admission: {
      policy: undefined,
      admit: (request, caller) => {
        asked.push({ what: 'admit', request, caller });
        return answer();
      },
      explain: (request, caller, assumed) => {
        asked.push({ what: 'explain', request, caller, ...(assumed && { assumed }) });
        return answer();
      },
      compare: () => Promise.resolve({ considered: 0, changed: [] }),
    },
    policies: {
      status: undefined,
      reload: (given) => {
        asked.push({ what: 'reload', given });
        return Promise.reject(new AdmissionError('NOT_FOUND', 'fake'));
      },
      candidate: (text) => parsePolicy([{ name: 'policy', octets: Buffer.from(text) }]),
    },
    keys: {
      reloadLocal: () => Promise.resolve({ certificates: 0, changed: [], problems: [] }),
      status: () => ({ epoch: 7, keys: [], keystores: [] }),
      refresh: (given) => {
        asked.push({ what: 'refresh', given });
        return Promise.resolve({ asked: 1, changed: [], failed: [] });
      },
    },
    decisions: {
      list: (query) => {
        asked.push({ what: 'list', query });
        return Promise.resolve([]);
      },
      find: (id, uid) => {
        asked.push({ what: 'find', given: { id, uid } });
        return Promise.resolve(id === '01' ? { decision_id: '01' } : undefined);
      },
    },
    operations: {
      sweep: () => Promise.resolve({ files: 0, rehashed: 0, changed: 0 }),
      affected: (given) => {
        asked.push({ what: 'affected', given });
        return Promise.resolve({ images: [] });
      },
      promote: (given) => {
        asked.push({ what: 'promote', given: Buffer.from(given).toString('latin1') });
        return Promise.resolve({ path: '/store/a.sif' });
      },
      addCaller: (uid) => Promise.resolve(`/run/u/${uid}.sock`),
    },
    observer: {
      decided: () => asked.push({ what: 'decided' }),
      overloaded: () => asked.push({ what: 'overloaded' }),
      problems: () => service.problems,
      status: () => ({ version: '0' }),
      metrics: () => Promise.resolve({ type: 'text/plain', text: 'vouch 1\n' }),
    },
    maxWait: 60_000,
    now: () => 0,
    log: { debug: silent, info: silent, warn: silent, error: silent },
  };
  return service;

  function answer(): Promise<Decision> {
    return service.answer instanceof Error ? Promise.reject(service.answer) : Promise.resolve(service.answer);
  }
}
