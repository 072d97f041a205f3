import { describe, expect, it } from 'vitest';
import { AdmissionError } from '../../src/admission/error.ts';
import type { Caller } from '../../src/admission/request.ts';
import { MAX_BODY_OCTETS } from '../../src/daemon/limits.ts';
import type { UnixQuestion } from '../http/ask-unix.ts';
import { errorOf, useDoors } from './doors-in-use.ts';
import { decision, REVOKED } from './fake-service.ts';

const ADMIN: Caller = { kind: 'admin' };
const USER: Caller = { kind: 'user', uid: 1000 };
const ANYONE: Caller = { kind: 'anyone' };
const ONE = { images: [{ path: '/srv/a.sif' }] };

const { ask, service } = useDoors();

async function refusal(body: unknown, caller: Caller = ADMIN): Promise<{ status: number; code: string }> {
  return errorOf(await ask(caller, { path: '/v1/admit', body }));
}

describe('daemon: who may ask what', () => {
  const adminOnly: UnixQuestion[] = [
    { path: '/v1/policy' },
    { path: '/v1/policy/reload', body: {} },
    { path: '/v1/policy/diff', body: {} },
    { path: '/v1/keys' },
    { path: '/v1/keys/refresh', body: {} },
    { path: '/v1/sweep', body: {} },
    { path: '/v1/affected?sha256=00' },
    { path: '/v1/promote', body: {} },
    { path: '/v1/callers', body: {} },
    { path: '/v1/status' },
    { path: '/metrics' },
  ];

  it.each(adminOnly)('keeps $path for the admin socket', async (question) => {
    for (const caller of [USER, ANYONE]) {
      expect(errorOf(await ask(caller, question))).toEqual({ status: 403, code: 'FORBIDDEN' });
    }
    expect((await ask(ADMIN, question)).status).not.toBe(403);
    expect(service().asked.filter(({ caller }) => caller !== undefined)).toEqual([]);
  });

  it('keeps past decisions for the admin and for whom they are about', async () => {
    expect(errorOf(await ask(ANYONE, { path: '/v1/decisions' })).code).toBe('FORBIDDEN');
    expect(errorOf(await ask(ANYONE, { path: '/v1/decisions/01' })).code).toBe('FORBIDDEN');
    expect(errorOf(await ask(USER, { path: '/v1/decisions?uid=0' })).code).toBe('FORBIDDEN');
    await ask(USER, { path: '/v1/decisions' });
    await ask(USER, { path: '/v1/decisions/01' });
    await ask(ADMIN, { path: '/v1/decisions?uid=7&verdict=refuse&limit=5&since=2026-11-22T00:00:00Z' });
    expect(service().asked).toEqual([
      { what: 'list', query: { uid: 1000, limit: 100 } },
      { what: 'find', given: { id: '01', uid: 1000 } },
      {
        what: 'list',
        query: { uid: 7, verdict: 'refuse', limit: 5, since: Date.parse('2026-11-22T00:00:00Z') },
      },
    ]);
    expect(errorOf(await ask(ADMIN, { path: '/v1/decisions/02' }))).toEqual({
      status: 404,
      code: 'NOT_FOUND',
    });
  });

  it('lets only the admin assume a policy or a time', async () => {
    for (const assumed of [{ policy: 'version = 1\nserial = 1' }, { at: '2026-11-22T00:00:00Z' }]) {
      const body = { ...ONE, ...assumed };
      expect(errorOf(await ask(USER, { path: '/v1/explain', body })).code).toBe('FORBIDDEN');
      expect((await ask(ADMIN, { path: '/v1/explain', body })).status).toBe(200);
    }
    expect((await ask(ANYONE, { path: '/v1/explain', body: ONE })).status).toBe(200);
    expect(service().asked.map(({ caller, assumed }) => [caller?.kind, Object.keys(assumed ?? {})])).toEqual([
      ['admin', ['policy']],
      ['admin', ['at']],
      ['anyone', []],
    ]);
  });

  it('takes the caller from the socket, whatever is said', async () => {
    await ask(USER, { path: '/v1/admit', body: ONE, headers: { 'X-Forwarded-User': 'root' } });
    expect(service().asked[0]?.caller).toEqual(USER);
  });
});

describe('daemon: POST /v1/admit', () => {
  it('answers 200 with the decision, whatever it is', async () => {
    service().answer = decision({ verdict: 'refuse', effective: 'refuse', reasons: [REVOKED] });
    const answer = await ask(ADMIN, { path: '/v1/admit', body: ONE });
    expect(answer.status).toBe(200);
    expect(JSON.parse(answer.text)).toEqual(service().answer);
    expect(service().asked.map(({ what }) => what)).toEqual(['admit', 'decided']);
  });

  it('hands on everything that may be asked', async () => {
    await ask(USER, {
      path: '/v1/admit',
      body: {
        images: [{ path_b64: Buffer.from('/a\xff', 'latin1').toString('base64') }],
        expect: { sha256: 'AB'.repeat(32) },
        context: { job: '123' },
        wait_ms: 500,
        min_binding: 'store',
      },
    });
    await ask(USER, {
      path: '/v1/admit',
      body: { images: [{ path: '/é' }, { fd: { pid: 12, fd: 7 } }], wait_ms: 600_000 },
    });
    expect(service().asked.flatMap(({ request }) => request ?? [])).toEqual([
      {
        images: [{ kind: 'path', path: Buffer.from('/a\xff', 'latin1') }],
        expect: 'ab'.repeat(32),
        context: { job: '123' },
        wait: 500,
        minBinding: 'store',
      },
      {
        images: [
          { kind: 'path', path: Buffer.from('/é') },
          { kind: 'fd', pid: 12, fd: 7 },
        ],
        context: {},
        // As long as this daemon lets anybody wait.
        wait: 60_000,
      },
    ]);
  });

  it.each([
    ['no JSON', '{'],
    ['octets that are not UTF-8', Buffer.from('{"a":"\xff"}', 'latin1').toString('latin1')],
    ['no object', '[]'],
    ['no images', {}],
    ['an empty list', { images: [] }],
    ['33 images', { images: Array.from({ length: 33 }, () => ({ path: '/a' })) }],
    ['a relative path', { images: [{ path: 'a' }] }],
    ['a path with NUL', { images: [{ path: '/a\0b' }] }],
    ['a long path', { images: [{ path: `/${'a'.repeat(4096)}` }] }],
    ['a lone surrogate', '{"images":[{"path":"/\\ud800"}]}'],
    ['base64 that is none', { images: [{ path_b64: 'L2E' }] }],
    ['two ways at once', { images: [{ path: '/a', fd: { pid: 1, fd: 1 } }] }],
    ['a process without descriptor', { images: [{ fd: { pid: 1 } }] }],
    ['an unknown key', { ...ONE, imgaes: [] }],
    ['an unknown key of an image', { images: [{ path: '/a', role: 'x' }] }],
    ['a key twice', '{"images":[{"path":"/a"}],"images":[{"path":"/b"}]}'],
    ['a key twice, once escaped', '{"images":[{"path":"/a","\\u0070ath":"/b"}]}'],
    ['__proto__', '{"images":[{"path":"/a"}],"__proto__":{}}'],
    ['a digest that is none', { ...ONE, expect: { sha256: 'ab' } }],
    [
      'a digest for two images',
      { images: [{ path: '/a' }, { path: '/b' }], expect: { sha256: 'ab'.repeat(32) } },
    ],
    ['a long wait', { ...ONE, wait_ms: 600_001 }],
    ['a wait that is a text', { ...ONE, wait_ms: '5' }],
    ['an unknown binding', { ...ONE, min_binding: 'verity' }],
    [
      'much context',
      { ...ONE, context: Object.fromEntries(Array.from({ length: 17 }, (_, i) => [`k${i}`, ''])) },
    ],
    ['long context', { ...ONE, context: { k: 'x'.repeat(257) } }],
    ['context that is no text', { ...ONE, context: { k: 1 } }],
    ['a policy', { ...ONE, policy: '' }],
    ['deep nesting', `{"images":${'['.repeat(100)}${']'.repeat(100)}}`],
  ])('refuses %s', async (_, body) => {
    expect(await refusal(body)).toEqual({ status: 400, code: 'BAD_REQUEST' });
    expect(service().asked).toEqual([]);
  });

  it('refuses a body that is too large', async () => {
    expect(await refusal(`"${'x'.repeat(MAX_BODY_OCTETS)}"`)).toEqual({ status: 413, code: 'TOO_LARGE' });
  });

  it('says when to come back when too many wait', async () => {
    service().answer = new AdmissionError('QUEUE_FULL', 'too many images wait');
    const answer = await ask(USER, { path: '/v1/admit', body: ONE });
    expect(errorOf(answer)).toEqual({ status: 429, code: 'QUEUE_FULL' });
    expect(answer.headers['retry-after']).toBe('1');
    expect(service().asked.map(({ what }) => what)).toEqual(['admit', 'overloaded']);
    expect(JSON.parse(answer.text)).toMatchObject({ error: { retry_after_ms: 1000 } });
  });

  it('tells nothing of a fault inside', async () => {
    service().answer = new TypeError('secret');
    const answer = await ask(USER, { path: '/v1/admit', body: ONE });
    expect(errorOf(answer)).toEqual({ status: 500, code: 'INTERNAL' });
    expect(answer.text).not.toContain('secret');
  });
});

describe('daemon: operators', () => {
  it('reloads, and refuses a rollback unless it is asked for', async () => {
    await ask(ADMIN, { method: 'POST', path: '/v1/policy/reload' });
    await ask(ADMIN, { path: '/v1/policy/reload', body: { allow_rollback: true } });
    expect(service().asked.map(({ given }) => given)).toEqual([
      { allowRollback: false },
      { allowRollback: true },
    ]);
    const bad = await ask(ADMIN, { path: '/v1/policy/reload', body: { force: true } });
    expect(errorOf(bad).code).toBe('BAD_REQUEST');
  });

  it('answers 422 with the code of a candidate that is no policy', async () => {
    const body = { policy: 'version = 1\nserial = 1\nrules = 1' };
    expect(errorOf(await ask(ADMIN, { path: '/v1/policy/diff', body }))).toEqual({
      status: 422,
      code: 'UNKNOWN_KEY',
    });
    expect(errorOf(await ask(ADMIN, { path: '/v1/explain', body: { ...ONE, ...body } })).status).toBe(422);
  });

  it('promotes, asks for keys, adds callers and tells what is affected', async () => {
    const octets = Buffer.from('/a\xff', 'latin1').toString('base64');
    await ask(ADMIN, { path: '/v1/promote', body: { path_b64: octets } });
    await ask(ADMIN, { path: '/v1/keys/refresh', body: { fingerprint: `0x${'ab'.repeat(20)}` } });
    await ask(ADMIN, { path: `/v1/affected?fingerprint=${'ab'.repeat(20)}` });
    expect(service().asked).toEqual([
      { what: 'promote', given: '/a\xff' },
      { what: 'refresh', given: { force: true, fingerprints: ['AB'.repeat(20)] } },
      { what: 'affected', given: { fingerprint: 'AB'.repeat(20) } },
    ]);
    const added = await ask(ADMIN, { path: '/v1/callers', body: { uid: 7 } });
    expect(JSON.parse(added.text)).toEqual({ socket: '/run/u/7.sock' });
    expect(errorOf(await ask(ADMIN, { path: '/v1/callers', body: { uid: 4_294_967_295 } })).code).toBe(
      'BAD_REQUEST',
    );
    expect(errorOf(await ask(ADMIN, { path: '/v1/affected' })).code).toBe('BAD_REQUEST');
  });
});

describe('daemon: how it is', () => {
  it('is alive for everybody, and ready unless something is missing', async () => {
    expect(await ask(ANYONE, { path: '/healthz' })).toMatchObject({ status: 200, text: 'ok\n' });
    expect((await ask(ANYONE, { path: '/readyz' })).status).toBe(200);
    service().problems = ['no policy is loaded: /etc/vouch/policy.toml:1: x'];
    const admin = await ask(ADMIN, { path: '/readyz' });
    expect(admin.status).toBe(503);
    expect(JSON.parse(admin.text)).toEqual({ ready: false, problems: service().problems });
    expect(JSON.parse((await ask(USER, { path: '/readyz' })).text)).toEqual({
      ready: false,
      problems: ['no policy is loaded'],
    });
  });

  it('answers 404 and 405 in JSON', async () => {
    expect(errorOf(await ask(ADMIN, { path: '/v2/admit' }))).toEqual({ status: 404, code: 'NOT_FOUND' });
    expect(errorOf(await ask(ADMIN, { path: '/v1/admit' }))).toMatchObject({ status: 405 });
  });
});
