/* Proofs by mail: over HTTP and SMTP against the whole application. */
import { describe, expect, it } from 'vitest';
import { makeCertificate } from '../fixtures/test-key.ts';
import { errorOf } from '../hkp/harness.ts';
import { press, proving, tokenIn, type Proving } from './mail-server.ts';

const alice = makeCertificate();
const bob = makeCertificate(['Bob <bob@example.net>']);
const ADDRESS = 'alice@example.org';
const MINUTES = 60;
const HOURS = 3600;

/** Alice's key is held, and she was mailed; the token of the mail. */
async function mailed(app: Proving): Promise<string> {
  await app.server.hold(alice.bytes);
  expect((await app.sendToken(ADDRESS)).status).toBe(200);
  const mail = (await app.mails()).at(-1);
  if (mail === undefined) throw new Error('no mail came');
  return tokenIn(mail);
}

const answer = (app: Proving, token: string, fingerprint = alice.fingerprint): Promise<Response> =>
  press(app, '/prove', [
    ['token', token],
    ['fingerprint', fingerprint],
  ]);

async function provenOf({ server }: Proving, fingerprint = alice.fingerprint): Promise<unknown> {
  const given = await server.get(`/vouch/v1/proofs/${fingerprint}`);
  expect(given.status).toBe(200);
  return ((await given.json()) as { proven: unknown }).proven;
}

async function documents({ server }: Proving, kind: string): Promise<string[]> {
  const ids: string[] = [];
  for await (const { id } of server.keystore.documents(kind)) ids.push(id);
  return ids;
}

describe('a proof by mail', () => {
  it('is given by the button that the link in the mail leads to', async () => {
    const app = await proving();
    const token = await mailed(app);
    expect(await provenOf(app)).toEqual([]);
    const page = await app.server.get(`/prove?token=${token}`, { headers: { Accept: 'text/html' } });
    expect(page.status).toBe(200);
    expect(page.headers.get('cache-control')).toBe('no-store');
    expect(await page.text()).toContain('This key is mine');
    const done = await answer(app, token);
    expect(done.status).toBe(200);
    expect(await done.text()).toContain('is proven');
    const time = new Date(app.server.clock.seconds * 1000).toISOString();
    expect(await provenOf(app)).toEqual([{ address: ADDRESS, time }]);
  });

  it('is not given by opening the link, however often and by whatever method but the button', async () => {
    const app = await proving();
    const token = await mailed(app);
    for (const method of ['GET', 'GET', 'HEAD', 'OPTIONS', 'PUT']) {
      await app.server.get(`/prove?token=${token}`, { method });
    }
    await app.server.get(`/prove?token=${token}`, { method: 'POST' });
    expect(await provenOf(app)).toEqual([]);
    expect((await answer(app, token)).status).toBe(200);
  });

  it('can be given once', async () => {
    const app = await proving();
    const token = await mailed(app);
    const answers = await Promise.all([1, 2, 3].map(() => answer(app, token)));
    expect(answers.map(({ status }) => status).toSorted((a, b) => a - b)).toEqual([200, 404, 404]);
    expect((await app.server.get(`/prove?token=${token}`)).status).toBe(404);
  });

  it('is not given by a link of yesterday', async () => {
    const app = await proving();
    const token = await mailed(app);
    app.server.clock.seconds += 24 * HOURS;
    expect((await app.server.get(`/prove?token=${token}`)).status).toBe(404);
    expect((await answer(app, token)).status).toBe(404);
    expect(await provenOf(app)).toEqual([]);
  });

  it('is given for keys in question only, and the token stays good', async () => {
    const app = await proving();
    const token = await mailed(app);
    await app.server.hold(bob.bytes);
    expect((await answer(app, token, bob.fingerprint)).status).toBe(400);
    expect((await press(app, '/prove', [['token', token]])).status).toBe(400);
    expect(await provenOf(app, bob.fingerprint)).toEqual([]);
    expect((await answer(app, token)).status).toBe(200);
  });

  it('is not given by the form of another site', async () => {
    const app = await proving();
    const token = await mailed(app);
    const fields = [
      ['token', token],
      ['fingerprint', alice.fingerprint],
    ] as const;
    const sent = await press(app, '/prove', fields, { 'Sec-Fetch-Site': 'cross-site' });
    expect(sent.status).toBe(403);
    expect(await provenOf(app)).toEqual([]);
  });

  it('keeps the hash of the token only, and logs neither token nor address', async () => {
    const app = await proving();
    const token = await mailed(app);
    await app.server.get(`/prove?token=${token}`);
    for await (const item of app.server.keystore.items()) expect(JSON.stringify(item)).not.toContain(token);
    await answer(app, token);
    const log = JSON.stringify(app.lines);
    expect(log).toContain('address proven');
    expect(log).not.toContain(token);
    expect(log).not.toContain(ADDRESS);
  });

  it('lets the reader choose among several keys with one address', async () => {
    const app = await proving();
    const impostor = makeCertificate(['Alice Example <alice@example.org>']);
    await app.server.hold(impostor.bytes);
    const token = await mailed(app);
    const page = await (await app.server.get(`/prove?token=${token}`)).text();
    expect(page).toContain(`value="${alice.fingerprint}"`);
    expect(page).toContain(`value="${impostor.fingerprint}"`);
    await answer(app, token);
    expect(await provenOf(app)).toHaveLength(1);
    expect(await provenOf(app, impostor.fingerprint)).toEqual([]);
  });

  it('can be asked for by fingerprint, however many others have put the address on keys', async () => {
    const app = await proving();
    for (let i = 0; i < 10; i += 1) await app.server.hold(makeCertificate().bytes);
    const { fingerprint } = await app.server.hold(alice.bytes);
    const form = [
      ['address', ADDRESS],
      ['fingerprint', `0x${fingerprint.toLowerCase()}`],
    ] as const;
    expect((await press(app, '/prove/mail', form)).status).toBe(200);
    const [mail] = await app.mails();
    expect(mail?.text.match(/^ {4}[0-9A-F]{4} /gm)).toHaveLength(8);
    if (mail === undefined) throw new Error('no mail came');
    expect((await answer(app, tokenIn(mail), fingerprint)).status).toBe(200);
    expect(await provenOf(app)).toHaveLength(1);
  });

  it('is not asked for of a key that does not carry the address', async () => {
    const app = await proving();
    await app.server.hold(bob.bytes);
    await press(app, '/prove/mail', [
      ['address', ADDRESS],
      ['fingerprint', bob.fingerprint],
    ]);
    expect(await app.mails()).toEqual([]);
  });

  it('is not asked for again once it was given', async () => {
    const app = await proving();
    await answer(app, await mailed(app));
    app.server.clock.seconds += 20 * MINUTES;
    await app.sendToken(ADDRESS);
    expect(await app.mails()).toHaveLength(1);
  });

  it('is gone with its key', async () => {
    const app = await proving();
    await answer(app, await mailed(app));
    const { removeKey } = await import('../../src/keystore/remove-key.ts');
    await removeKey(app.server.keystore, {
      fingerprint: alice.fingerprint,
      time: 0,
      by: 'operator',
      reason: '',
    });
    expect(await documents(app, 'proof')).toEqual([]);
    expect((await app.server.get(`/vouch/v1/proofs/${alice.fingerprint}`)).status).toBe(404);
  });
});

describe('sendtoken', () => {
  it('answers with an empty document whether there is such a key or not, and mails only if there is', async () => {
    const app = await proving();
    await app.server.hold(alice.bytes);
    for (const address of ['nobody@example.org', ' Alice@Example.ORG\r\n']) {
      const answered = await app.sendToken(address);
      expect(answered.status).toBe(200);
      expect(await answered.text()).toBe('');
    }
    expect((await app.mails()).map(({ to }) => to)).toEqual([[ADDRESS]]);
  });

  it.each([
    ['nothing', ''],
    ['two addresses', 'alice@example.org,bob@example.net'],
    ['a name with the address', 'Alice <alice@example.org>'],
    ['a header after the address', 'alice@example.org\r\nBcc: victim@example.net'],
    ['a command after the address', 'alice@example.org>\r\nRCPT TO:<victim@example.net'],
    ['a header, line ends encoded', 'alice@example.org%0d%0aBcc:victim@example.net'],
    ['a quoted address', '"alice\\r\\nBcc: v"@example.org'],
    ['a host without a dot', 'root@localhost'],
    ['an address of a host in numbers', 'root@[127.0.0.1]'],
    ['an option of a program', '-oQ/tmp/x -X/tmp/y@example.org'],
    ['letters that fold to others', 'ａlice@example.org'],
    ['more than an address has', `${'a'.repeat(300)}@example.org`],
  ])('refuses %s', async (_, address) => {
    const app = await proving();
    await app.server.hold(alice.bytes);
    const refused = await app.sendToken(address);
    expect(refused.status).toBe(400);
    expect((await errorOf(refused)).message).toMatch(/no e-mail address/);
    expect(await app.mails()).toEqual([]);
  });

  it('refuses bodies of another type, and longer ones than it reads', async () => {
    const app = await proving();
    const form = await app.sendToken(ADDRESS, { 'Content-Type': 'application/json' });
    expect(form.status).toBe(415);
    expect((await app.sendToken('a'.repeat(5000))).status).toBe(413);
  });

  it('is not offered by a server without mails', async () => {
    const { startServer } = await import('../hkp/harness.ts');
    const server = await startServer();
    const asked = await server.get('/pks/v2/sendtoken', { method: 'POST', body: ADDRESS });
    expect(asked.status).toBe(501);
    expect((await server.get('/prove')).status).toBe(404);
  });

  it('says what it takes', async () => {
    const app = await proving();
    const options = await app.server.get('/pks/v2/sendtoken', { method: 'OPTIONS' });
    expect(options.headers.get('allow')).toContain('POST');
  });
});
