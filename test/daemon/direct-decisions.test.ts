import { describe, expect, it } from 'vitest';
import { AdmissionError } from '../../src/admission/error.ts';
import type { Caller } from '../../src/admission/request.ts';
import type { UnixAnswer, UnixQuestion } from '../http/ask-unix.ts';
import { useDoors } from './doors-in-use.ts';
import { decision, REVOKED } from './fake-service.ts';

const USER: Caller = { kind: 'user', uid: 1000 };
const ONE = { images: [{ path: '/srv/a.sif' }] };
/** What nobody has to send, and Koa has to look at. */
const THROUGH_KOA = { 'Transfer-Encoding': 'chunked' };

const { ask, service } = useDoors();

/** Without what is another in every answer. */
function fixed({ status, headers, text }: UnixAnswer): unknown {
  const { date, connection, 'keep-alive': kept, 'x-request-id': id, ...others } = headers;
  return { status, headers: others, hasId: typeof id === 'string', text: text.replace(String(id), 'ID') };
}

const QUESTIONS: readonly (readonly [string, UnixQuestion])[] = [
  ['a decision', { path: '/v1/admit', body: ONE }],
  ['the gate', { path: '/v1/gate?path=%2Fsrv%2Fa.sif', method: 'GET' }],
  ['a bad question', { path: '/v1/admit', body: { images: [] } }],
  ['a bad question of the gate', { path: '/v1/gate?path=a', method: 'GET' }],
  ['an address with a fragment', { path: '/v1/gate?path=%2Fsrv#x', method: 'GET' }],
];

describe('daemon: decisions without Koa', () => {
  it.each(QUESTIONS)('answer %s as those through it', async (_, question) => {
    for (const answer of [
      decision(),
      decision({ verdict: 'refuse', effective: 'refuse', reasons: [REVOKED] }),
      decision({ path: '/é', path_b64: '/w==' }),
      new AdmissionError('QUEUE_FULL', 'too many'),
      new Error('inside'),
    ]) {
      service().answer = answer;
      const [direct, through] = [
        await ask(USER, question),
        await ask(USER, { ...question, headers: THROUGH_KOA }),
      ];
      expect(fixed(direct)).toEqual(fixed(through));
    }
  });

  it('tell the log of a request once, and of a failure inside why', async () => {
    const lines: string[] = [];
    const note = (message: string): number => lines.push(message);
    Object.assign(service().log, { debug: note, error: note });
    await ask(USER, { path: '/v1/admit', body: ONE });
    expect(lines).toEqual(['request']);
    service().answer = new Error('inside');
    await ask(USER, { path: '/v1/admit', body: ONE });
    expect(lines).toEqual(['request', 'request failed', 'request']);
  });
});
