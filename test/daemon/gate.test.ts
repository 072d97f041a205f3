import { describe, expect, it } from 'vitest';
import type { Caller } from '../../src/admission/request.ts';
import { EXIT } from '../../src/cli/exit-code.ts';
import type { UnixAnswer } from '../http/ask-unix.ts';
import { errorOf, useDoors } from './doors-in-use.ts';
import { decision, REVOKED } from './fake-service.ts';

const USER: Caller = { kind: 'user', uid: 1000 };

const { ask, service } = useDoors();

describe('daemon: GET /v1/gate', () => {
  const gate = (query: string, caller = USER): Promise<UnixAnswer> =>
    ask(caller, { path: `/v1/gate?${query}` });

  it('answers 204 with the real path when admitted', async () => {
    service().answer = decision({
      path: '/srv/�',
      path_b64: Buffer.from('/srv/ \xff', 'latin1').toString('base64'),
    });
    const answer = await gate('path=/srv/a%20%ff+b&wait_ms=5');
    expect(answer).toMatchObject({ status: 204, text: '' });
    expect(answer.headers['vouch-path']).toBe('/srv/%20%FF');
    expect(answer.headers['vouch-warning']).toBeUndefined();
    expect(service().asked.map(({ what }) => what)).toEqual(['admit', 'decided']);
    expect(service().asked[0]?.request).toEqual({
      images: [{ kind: 'path', path: Buffer.from('/srv/a \xff+b', 'latin1') }],
      context: {},
      wait: 5,
    });
  });

  it('answers 403 with exit code, reason code and one line of harmless text when refused', async () => {
    service().answer = decision({ verdict: 'refuse', effective: 'refuse', reasons: [REVOKED] });
    const answer = await gate('path=/srv/a.sif');
    expect(answer.status).toBe(403);
    expect(answer.text).toBe(
      `${EXIT.keyState} KEY_REVOKED_HARD alice's key was revoked: \\u{1b}[31mstolen\\u{a}\n`,
    );
  });

  it.each([
    ['NO_RULE', 'refuse', 403, EXIT.refusedByPolicy],
    ['UNSIGNED', 'refuse', 403, EXIT.evidenceBad],
    ['KEY_STALE', 'undetermined', 503, EXIT.undetermined],
  ] as const)('gives %s the exit code of vouch admit', async (code, verdict, status, exitCode) => {
    const reasons = [{ code, action: 'enforce', text: 'x' } as const];
    service().answer = decision({ verdict, effective: 'refuse', reasons });
    expect(await gate('path=/a')).toMatchObject({ status, text: `${exitCode} ${code} x\n` });
  });

  it('warns when only audit mode admits, and refuses it when asked to be strict', async () => {
    service().answer = decision(
      { verdict: 'refuse', reasons: [{ ...REVOKED, text: 'é\r\nX: y' }] },
      { mode: 'audit', would: 'refuse' },
    );
    const lax = await gate('path=/a');
    expect(lax.status).toBe(204);
    expect(lax.headers['vouch-warning']).toBe(
      'only audit mode admits this: KEY_REVOKED_HARD \\u{e9}\\u{d}\\u{a}X: y',
    );
    expect(await gate('path=/a&strict=1')).toMatchObject({
      status: 403,
      text: expect.stringMatching(new RegExp(`^${EXIT.admittedByException} KEY_REVOKED_HARD `)) as string,
    });
  });

  it('takes a process and its descriptor', async () => {
    await gate('pid=12&fd=7&path=/srv/a.sif');
    expect(service().asked[0]?.request?.images).toEqual([{ kind: 'fd', pid: 12, fd: 7 }]);
  });

  it.each([
    '',
    'path=',
    'path=a',
    'path=/a%0',
    'path=/a&path=/b',
    'pid=1',
    'path=/a&x=1',
    'path=/a&strict=2',
    'path=/%00',
    'pid=x&fd=1',
    'path=/a&wait_ms=600001',
  ])('refuses %j', async (query) => {
    expect(errorOf(await gate(query))).toEqual({ status: 400, code: 'BAD_REQUEST' });
  });
});
