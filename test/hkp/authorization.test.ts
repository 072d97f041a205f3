/* Who may push, over HTTP against the whole application. Cases A1 to A13 are there by their id. */
import { describe, expect, it } from 'vitest';
import type { PushMode } from '../../src/access/push-control.ts';
import { DAY } from '../fixtures/test-key.ts';
import { alice, bearer, bob, expectUnauthorized, guarded, WRONG } from './guarded.ts';
import { errorOf, NOW, rawRequest } from './harness.ts';

describe('a server that anybody may push to', () => {
  it('A1 takes an empty Bearer for anonymous, on lookup and on add', async () => {
    const { push, server } = await guarded('open');
    for (const empty of ['Bearer', 'Bearer ', 'BEARER\t']) {
      expect((await push(alice.armored, empty)).status).toBe(200);
      const headers = { Authorization: empty };
      const found = await server.get(`/pks/lookup?op=get&search=0x${alice.fingerprint}`, { headers });
      expect(found.status).toBe(200);
      expect((await server.get('/', { headers })).status).toBe(200);
    }
  });

  it('refuses a push with a wrong token all the same: whoever sends one means to be known', async () => {
    const { push, store } = await guarded('open');
    const before = await store();
    await expectUnauthorized(await push(alice.armored, `Bearer ${WRONG}`), /not known here/);
    expect(await store()).toBe(before);
  });
});

describe('a server that wants tokens', () => {
  it.each<PushMode>(['token', 'owner', 'closed'])(
    'A2 A13 in mode %s answers an empty Bearer on add with 401 and says what to do, the store unchanged',
    async (mode) => {
      const { push, store } = await guarded(mode);
      const before = await store();
      for (const empty of [undefined, 'Bearer', 'Bearer ']) {
        await expectUnauthorized(await push(alice.armored, empty), /singularity keyserver login/);
      }
      expect(await store()).toBe(before);
    },
  );

  it('A2 holds for PUT, for v2 and for what a browser sends as well', async () => {
    const { server, store } = await guarded('token');
    const before = await store();
    const put = { method: 'PUT', body: alice.armored, headers: { 'Content-Type': 'application/pgp-keys' } };
    await expectUnauthorized(await server.get('/', put), /token/);
    await expectUnauthorized(await server.get('/alice.asc', put), /token/);
    const post = {
      method: 'POST',
      body: Buffer.from(alice.bytes),
      headers: { 'Content-Type': 'application/pgp-keys' },
    };
    await expectUnauthorized(await server.get('/pks/v2/certs', post), /token/);
    const form = { method: 'POST', body: new URLSearchParams({ keytext: alice.armored }) };
    const headers = { Accept: 'text/html', Origin: server.url };
    for (const path of ['/pks/add', '/push']) {
      const page = await server.get(path, { ...form, headers });
      expect(page.status).toBe(401);
    }
    expect(await store()).toBe(before);
  });

  it('takes the token of a form that a browser sends, and no second one beside it', async () => {
    const { server, token, store } = await guarded('token');
    const { text } = await token();
    const send = async (field: string, headers: Record<string, string> = {}): Promise<number> => {
      const body = new FormData();
      body.set('keytext', alice.armored);
      body.set('token', field);
      const from = { Origin: server.url, Accept: 'text/html', ...headers };
      return (await server.get('/push', { method: 'POST', body, headers: from })).status;
    };
    const before = await store();
    expect(await send('')).toBe(401);
    expect(await send(WRONG)).toBe(401);
    expect(await send(text, { Authorization: `Bearer ${text}` })).toBe(400);
    expect(await store()).toBe(before);
    expect(await send(text)).toBe(200);
  });

  it('A3 takes a token in any spelling of Bearer, with several spaces or a tab', async () => {
    const { push, token } = await guarded('token');
    const { text } = await token();
    for (const header of [
      `Bearer ${text}`,
      `BEARER ${text}`,
      `bearer ${text}`,
      `Bearer  ${text}`,
      `Bearer\t${text}`,
    ]) {
      expect((await push(alice.armored, header)).status).toBe(200);
    }
  });

  it('A6 takes Basic with the token as password, whatever the name', async () => {
    const { push, token, server } = await guarded('token');
    const { text } = await token();
    for (const user of ['ci', '', 'ünlike']) {
      const basic = `Basic ${Buffer.from(`${user}:${text}`).toString('base64')}`;
      expect((await push(alice.armored, basic)).status).toBe(200);
      expect((await server.get('/', { headers: { Authorization: basic } })).status).toBe(200);
    }
  });

  it.each([
    ['Basic without anything', 'Basic'],
    ['Basic that is not base64', 'Basic %%%'],
    ['Basic without a password', `Basic ${Buffer.from('ci').toString('base64')}`],
    ['Basic with a wrong password', `Basic ${Buffer.from('ci:sesame').toString('base64')}`],
    ['another scheme', 'Negotiate YII='],
    ['a token without a scheme', WRONG],
    ['more than any token has', `Bearer ${'a'.repeat(4000)}`],
    ['a wrong token', `Bearer ${WRONG}`],
  ])('A2 answers %s with 401', async (_, header) => {
    const { push, store, server } = await guarded('token');
    const before = await store();
    await expectUnauthorized(await push(alice.armored, header), /log in/);
    await expectUnauthorized(await server.get('/', { headers: { Authorization: header } }), /log in/);
    expect(await store()).toBe(before);
  });

  it('A4 serves those who read with a wrong token', async () => {
    const { server } = await guarded('closed');
    await server.hold(alice.bytes);
    const headers = { Authorization: `Bearer ${WRONG}` };
    for (const path of [
      `/pks/lookup?op=get&search=0x${alice.fingerprint}`,
      '/pks/lookup?op=index&options=mr&search=alice',
      '/pks/stats',
      '/version',
      '/healthz',
    ]) {
      expect((await server.get(path, { headers })).status).toBe(200);
    }
  });

  it('A5 answers / with 401 for a wrong token, with 200 for a good one and for none', async () => {
    for (const mode of ['open', 'token', 'owner', 'closed'] as const) {
      const { server, token } = await guarded(mode);
      const good = await token();
      const ask = (Authorization: string): Promise<Response> =>
        server.get('/', { headers: { Authorization } });
      await expectUnauthorized(await ask(`Bearer ${WRONG}`), /not known here/);
      expect((await ask(bearer(good))).status).toBe(200);
      expect((await server.get('/')).status).toBe(200);
    }
  });

  it('A8 refuses a token in the address, whoever sent it, and keeps it out of the log', async () => {
    const { server, token, lines, tokens } = await guarded('token');
    const { text } = await token();
    const body = new URLSearchParams({ keytext: alice.armored });
    for (const path of [
      `/pks/add?token=${text}`,
      `/pks/add?access_token=sesame`,
      `/pks/lookup?op=get&search=${text}`,
      `/${text}`,
      `/pks/add/${text.replaceAll('_', '%5F')}`,
      `/pks/add?auth=${text.toUpperCase()}`,
    ]) {
      expect((await server.get(path, { method: 'POST', body })).status).toBe(400);
      const read = await server.get(path);
      expect(read.status).toBe(400);
      expect((await errorOf(read)).message).toMatch(/header Authorization/);
    }
    const { port } = server;
    const absolute = `GET http://ci:${text}@127.0.0.1/${text} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n`;
    expect(await rawRequest(port, absolute)).toMatch(/^HTTP\/1\.1 400 /);
    expect(lines.length).toBeGreaterThan(0);
    expect(JSON.stringify(lines).toLowerCase()).not.toContain(text.slice(-64));
    // It was told to nobody, so it is still good; who finds it in a log of a proxy revokes it.
    expect(await tokens.verify(text)).toMatchObject({ name: 'ci' });
  });

  it('A9 takes the header Authentication on submissions of v2, and there alone', async () => {
    const { server, token } = await guarded('token');
    const Authentication = bearer(await token());
    const binary = { 'Content-Type': 'application/pgp-keys', Authentication };
    const body = Buffer.from(alice.bytes);
    const v2 = await server.get('/pks/v2/certs', { method: 'POST', body, headers: binary });
    expect(v2.status).toBe(200);
    const legacy = await server.push(bob.armored, { headers: { Authentication } });
    await expectUnauthorized(legacy, /token/);
  });

  it('A10 refuses two sets of credentials with 400, on reading as well', async () => {
    const { server, token, store } = await guarded('token');
    const text = bearer(await token());
    const twice = `Host: x\r\nConnection: close\r\nAuthorization: ${text}\r\n`;
    const body = new URLSearchParams({ keytext: alice.armored }).toString();
    const form = `Content-Type: application/x-www-form-urlencoded\r\nContent-Length: ${body.length}\r\n\r\n${body}`;
    const before = await store();
    for (const request of [
      `POST /pks/add HTTP/1.1\r\n${twice}authorization: ${text}\r\n${form}`,
      `POST /pks/v2/certs HTTP/1.1\r\n${twice}Authentication: ${text}\r\n${form}`,
      `GET / HTTP/1.1\r\n${twice}Authorization: Bearer\r\n\r\n`,
      `GET /pks/lookup?op=index&search=alice HTTP/1.1\r\n${twice}Authorization: ${text}\r\n\r\n`,
    ]) {
      expect(await rawRequest(server.port, request)).toMatch(/^HTTP\/1\.1 400 /);
    }
    expect(await store()).toBe(before);
  });

  it('A11 answers a revoked and an expired token with 401 and says which it is', async () => {
    const { push, server, token, tokens, store } = await guarded('token');
    const revoked = await token();
    const expired = await token({ expires: (NOW + DAY) * 1000 });
    expect((await push(alice.armored, bearer(expired))).status).toBe(200);
    await tokens.revoke(revoked.record.id);
    server.clock.seconds += DAY;
    const before = await store();
    await expectUnauthorized(await push(bob.armored, bearer(revoked)), /was revoked/);
    await expectUnauthorized(await push(bob.armored, bearer(expired)), /has expired/);
    const login = { headers: { Authorization: bearer(revoked) } };
    await expectUnauthorized(await server.get('/', login), /was revoked/);
    expect(await store()).toBe(before);
  });

  it('says who pushed in the log by the name of the token; A7 never the token itself', async () => {
    const { push, token, lines, server } = await guarded('token');
    const good = await token({ name: 'build host 3' });
    await push(alice.armored, bearer(good));
    await push(alice.armored, `Bearer ${WRONG}`);
    await push(alice.armored, `Basic ${Buffer.from(`x:${good.text}`).toString('base64')}`);
    await server.get('/', { headers: { Authorization: bearer(good) } });
    const logged = JSON.stringify(lines);
    expect(logged).toContain('build host 3');
    expect(logged).toContain(alice.fingerprint);
    for (const { text } of [good, { text: WRONG }]) {
      expect(logged).not.toContain(text.slice(-64));
      expect(logged).not.toContain(Buffer.from(`x:${text}`).toString('base64'));
    }
  });

  it('H31 counts the pushes of one token, wherever they come from, and says when to come back', async () => {
    const { push, token } = await guarded('token', { budget: { requests: 2, seconds: 600 } });
    const [one, other] = [await token(), await token()];
    expect((await push(alice.armored, bearer(one))).status).toBe(200);
    expect((await push(alice.armored, bearer(one))).status).toBe(200);
    const refused = await push(alice.armored, bearer(one));
    expect(refused.status).toBe(429);
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0);
    expect((await push(alice.armored, bearer(other))).status).toBe(200);
  });

  it('follows a change of the mode at once', async () => {
    const made = await guarded('open');
    expect((await made.push(alice.armored)).status).toBe(200);
    made.mode = 'token';
    expect((await made.push(bob.armored)).status).toBe(401);
  });
});
