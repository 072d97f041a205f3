/* Pushes where addresses are to be proven first: over HTTP and SMTP against the whole application. */
import { describe, expect, it } from 'vitest';
import { armor } from '../../src/openpgp/armor.ts';
import { keyring, makeCertificate, userId } from '../fixtures/test-key.ts';
import { errorOf } from '../hkp/harness.ts';
import { press, proving, tokenIn, type Proving, type Received } from './mail-server.ts';

const alice = makeCertificate();
const ADDRESS = 'alice@example.org';
const HOURS = 3600;

const push = (app: Proving, keytext: string, headers: Record<string, string> = {}): Promise<Response> =>
  app.server.push(keytext, { headers });

async function held({ server }: Proving, { fingerprint }: { fingerprint: string }): Promise<boolean> {
  return (await server.keystore.get(fingerprint)) !== undefined;
}

async function refusal(answer: Response): Promise<string> {
  expect(answer.status).toBe(403);
  return (await errorOf(answer)).message;
}

async function prove(app: Proving, mail: Received | undefined, ...keys: string[]): Promise<string> {
  if (mail === undefined) throw new Error('no mail came');
  const answer = await press(app, '/prove', [
    ['token', tokenIn(mail)],
    ...keys.map((key) => ['fingerprint', key] as const),
  ]);
  expect(answer.status).toBe(200);
  return answer.text();
}

describe('a server that wants proofs', () => {
  it('lets a pushed key wait, mails its address, and stores it when the link is answered', async () => {
    const app = await proving('required');
    expect(await refusal(await push(app, alice.armored))).toMatch(/a mail was sent/);
    expect(await held(app, alice)).toBe(false);
    const search = await app.server.get(`/pks/lookup?op=get&search=${ADDRESS}`);
    expect(search.status).toBe(404);
    const [mail] = await app.mails();
    expect(mail?.to).toEqual([ADDRESS]);
    expect(await prove(app, mail, alice.fingerprint)).toContain('is stored now');
    expect(await held(app, alice)).toBe(true);
    expect(await app.server.keystore.document('proof-waiting', alice.fingerprint)).toBeUndefined();
  });

  it('takes a key whose address is proven at once', async () => {
    const app = await proving('required');
    await push(app, alice.armored);
    await prove(app, (await app.mails())[0], alice.fingerprint);
    expect((await push(app, alice.armored)).status).toBe(200);
    expect(await app.mails()).toHaveLength(1);
  });

  it('wants every address on a key proven', async () => {
    const app = await proving('required');
    const two = makeCertificate([
      'Alice <alice@example.org>',
      'Alice <alice@work.example.org>',
      'Alice alone',
    ]);
    expect(await refusal(await push(app, two.armored))).toMatch(/2 addresses/);
    const mails = await app.mails();
    expect(new Set(mails.map(({ to }) => to[0]))).toEqual(
      new Set(['alice@example.org', 'alice@work.example.org']),
    );
    expect(await prove(app, mails[0], two.fingerprint)).toContain('other addresses');
    expect(await held(app, two)).toBe(false);
    await prove(app, mails[1], two.fingerprint);
    expect(await held(app, two)).toBe(true);
  });

  it('does not take a proof of one key for another with the same address', async () => {
    const app = await proving('required');
    await push(app, alice.armored);
    await prove(app, (await app.mails())[0], alice.fingerprint);
    const impostor = makeCertificate();
    await refusal(await push(app, impostor.armored));
    expect(await held(app, impostor)).toBe(false);
  });

  it('takes no address in addition to a proven one', async () => {
    const app = await proving('required');
    await push(app, alice.armored);
    await prove(app, (await app.mails())[0], alice.fingerprint);
    const ceo = userId('The Director <director@example.org>');
    const more = armor(keyring(...alice.packets, ceo, alice.key.certify(ceo)));
    await refusal(await push(app, more));
    const index = await app.server.get(`/pks/lookup?op=index&search=0x${alice.fingerprint}&options=mr`);
    expect(await index.text()).not.toContain('director');
  });

  it('forgets a key that waited for a day', async () => {
    const app = await proving('required');
    await push(app, alice.armored);
    app.server.clock.seconds += 25 * HOURS;
    await app.sendToken(ADDRESS);
    expect(await app.mails()).toHaveLength(1);
    const other = makeCertificate(['Bob <bob@example.net>']);
    await push(app, other.armored);
    expect(await app.server.keystore.document('proof-waiting', alice.fingerprint)).toBeUndefined();
  });

  it.each([
    ['no address', ['Build host 7'], /no e-mail address/],
    ['two addresses in one user ID', ['alice@example.org <mallory@example.net>'], /no mail can be sent/],
    [
      'a letter that only looks like an at sign',
      ['director\uff20example.org <alice@example.org>'],
      /no mail can be sent/,
    ],
    ['an address with letters that fold', ['Alice <\uff41lice@example.org>'], /no mail can be sent/],
    [
      'an address that brings a recipient',
      ['Alice <alice@example.org,bob@example.net>'],
      /no mail can be sent/,
    ],
    ['many addresses', [1, 2, 3, 4, 5].map((one) => `V <victim${one}@example.net>`), /more than 4/],
  ])('refuses a key with %s, and mails nobody', async (_, userIds, says) => {
    const app = await proving('required');
    const key = makeCertificate(userIds);
    expect(await refusal(await push(app, key.armored))).toMatch(says);
    expect(await app.mails()).toEqual([]);
    expect(await held(app, key)).toBe(false);
  });

  it('sends ten mails an hour for the pushes of one client', async () => {
    const app = await proving('required');
    const answers: string[] = [];
    for (let i = 0; i < 12; i += 1) {
      const key = makeCertificate([`V <victim${i}@example.net>`]);
      answers.push(await refusal(await push(app, key.armored)));
    }
    expect(await app.mails()).toHaveLength(10);
    expect(answers.at(-1)).toMatch(/too many mails/);
    const other = makeCertificate(['W <other@example.net>']);
    await push(app, other.armored, { 'X-Forwarded-For': '192.0.2.7' });
    expect(await app.mails()).toHaveLength(11);
  });

  it('takes what a token brings without a proof', async () => {
    const app = await proving('required');
    app.mode = 'token';
    const { text } = await app.tokens.add({
      name: 'ci',
      role: 'push',
      rules: { fingerprints: [], emails: [], domains: [] },
    });
    expect((await push(app, alice.armored, { Authorization: `Bearer ${text}` })).status).toBe(200);
    expect(await app.mails()).toEqual([]);
  });

  it('mails nobody for what the push mode refuses', async () => {
    const app = await proving('required');
    app.mode = 'token';
    expect((await push(app, alice.armored)).status).toBe(401);
    app.mode = 'closed';
    expect((await push(app, alice.armored)).status).toBe(401);
    expect(await app.mails()).toEqual([]);
  });

  it('takes revocations without a proof, bare ones too', async () => {
    const app = await proving('required');
    await app.server.hold(alice.bytes);
    expect((await push(app, armor(keyring(alice.key.revoke())))).status).toBe(200);
    const index = await app.server.get(`/pks/lookup?op=index&search=0x${alice.fingerprint}&options=mr`);
    expect(await index.text()).toMatch(/^pub:.*:r$/m);
    expect(await app.mails()).toEqual([]);
  });

  it('mails nobody for a preview', async () => {
    const app = await proving('required');
    const form = new FormData();
    form.set('keytext', alice.armored);
    await app.server.get('/push/preview', { method: 'POST', body: form, headers: { Accept: 'text/html' } });
    expect(await app.mails()).toEqual([]);
  });

  it('does not store a key that was blocked while it waited', async () => {
    const app = await proving('required');
    await push(app, alice.armored);
    const { fingerprint } = alice;
    await app.server.keystore.remove({ fingerprint, time: 0, by: 'operator', reason: '' });
    const said = await prove(app, (await app.mails())[0], fingerprint);
    expect(said).not.toContain('is stored now');
    expect(await held(app, alice)).toBe(false);
  });

  it('unites what is pushed of a key while it waits', async () => {
    const app = await proving('required');
    const [primary, name, certification] = alice.packets;
    if (primary === undefined || name === undefined || certification === undefined)
      throw new Error('packets');
    await push(app, armor(keyring(primary, name, certification)));
    await push(app, alice.armored);
    await prove(app, (await app.mails())[0], alice.fingerprint);
    const subkey = await app.server.get(`/pks/lookup?op=get&search=0x${alice.subkey.fingerprint}`);
    expect(subkey.status).toBe(200);
  });
});

describe('a server that offers proofs', () => {
  it('stores keys without one', async () => {
    const app = await proving('offered');
    expect((await push(app, alice.armored)).status).toBe(200);
    expect(await app.mails()).toEqual([]);
  });
});
