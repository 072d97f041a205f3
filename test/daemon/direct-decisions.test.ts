import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { AdmissionError } from '../../src/admission/error.ts';
import type { Caller } from '../../src/admission/request.ts';
import { daemonApp } from '../../src/daemon/app.ts';
import { listenUnix } from '../../src/http/listen-unix.ts';
import { askUnix } from '../http/ask-unix.ts';
import type { UnixAnswer, UnixQuestion } from '../http/ask-unix.ts';
import { useDoors } from './doors-in-use.ts';
import { decision, REVOKED } from './fake-service.ts';

const USER: Caller = { kind: 'user', uid: 1000 };
const ONE = { images: [{ path: '/srv/a.sif' }] };
/** What nobody has to send, and Koa has to look at. */
const THROUGH_KOA = { 'Transfer-Encoding': 'chunked' };

const { ask, service } = useDoors();

const ALWAYS_OTHER: ReadonlySet<string> = new Set(['date', 'connection', 'keep-alive', 'x-request-id']);

/** Without what is another in every answer. */
function fixed({ status, headers, text }: UnixAnswer): unknown {
  const id = String(headers['x-request-id']);
  const others = Object.entries(headers).filter(([name]) => !ALWAYS_OTHER.has(name));
  return { status, headers: Object.fromEntries(others), idLength: id.length, text: text.replace(id, 'ID') };
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

  it('are made anew for every question, also for one that was asked before', async () => {
    const answers = [decision(), decision({ verdict: 'refuse', effective: 'refuse', reasons: [REVOKED] })];
    const app = daemonApp(service(), USER);
    const folder = mkdtempSync(join(tmpdir(), 'vouch-again-'));
    const path = join(folder, 'a.sock');
    const door = await listenUnix(app, { path, mode: 0o600 });
    for (const answer of [...answers, ...answers]) {
      service().answer = answer;
      expect(JSON.parse((await askUnix(path, { path: '/v1/admit', body: ONE })).text)).toEqual(answer);
    }
    service().answer = new AdmissionError('NOT_READY', 'the service stops');
    expect((await askUnix(path, { path: '/v1/admit', body: ONE })).status).toBe(503);
    expect(service().asked.filter(({ what }) => what === 'admit')).toHaveLength(5);
    await door.close();
    rmSync(folder, { recursive: true });
  });

  it('outlive whoever goes before the answer, in the middle of a question or behind it', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'vouch-gone-'));
    const path = join(folder, 'a.sock');
    let decide = (): void => undefined;
    const decided = new Promise<void>((resolve) => (decide = resolve));
    const { admit } = service().admission;
    let tell = (): void => undefined;
    const called = new Promise<void>((resolve) => (tell = resolve));
    const later: typeof admit = (...asked) => {
      tell();
      return decided.then(() => admit(...asked));
    };
    Object.assign(service().admission, { admit: later });
    const door = await listenUnix(daemonApp(service(), USER), { path, mode: 0o600 });
    const body = JSON.stringify(ONE);
    for (const sent of [body.slice(0, 5), body]) {
      const client = connect(path);
      client.write(`POST /v1/admit HTTP/1.1\r\nHost: a\r\nContent-Length: ${body.length}\r\n\r\n${sent}`);
      await (sent === body ? called : once(client, 'connect'));
      client.destroy();
      await once(client, 'close');
    }
    decide();
    expect((await askUnix(path, { path: '/v1/admit', body: ONE })).status).toBe(200);
    expect(service().asked.filter(({ what }) => what === 'admit')).toHaveLength(2);
    await door.close();
    rmSync(folder, { recursive: true });
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
