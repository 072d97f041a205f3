/* The mails themselves, and how many of them there are. */
import { describe, expect, it } from 'vitest';
import { makeCertificate } from '../fixtures/test-key.ts';
import { press, proving } from './mail-server.ts';

const alice = makeCertificate();
const ADDRESS = 'alice@example.org';
const MINUTES = 60;
const HOURS = 3600;

describe('nobody is bombed with mails', () => {
  it('F8 one address gets one mail in ten minutes and three in a day, whoever asks', async () => {
    const app = await proving();
    await app.server.hold(alice.bytes);
    const asking = async (client: number): Promise<void> => {
      const headers = { 'X-Forwarded-For': `192.0.2.${client}` };
      expect((await app.sendToken(ADDRESS, headers)).status).toBe(200);
    };
    for (let client = 1; client <= 5; client += 1) await asking(client);
    expect(await app.mails()).toHaveLength(1);
    for (let client = 6; client <= 12; client += 1) {
      app.server.clock.seconds += 11 * MINUTES;
      await asking(client);
      await app.mails();
    }
    expect(await app.mails()).toHaveLength(3);
    app.server.clock.seconds += 24 * HOURS;
    await asking(13);
    expect(await app.mails()).toHaveLength(4);
  });

  it('F8 one client has ten mails sent in an hour, and is told when to come back', async () => {
    const app = await proving();
    const headers = { 'X-Forwarded-For': '192.0.2.1' };
    for (let i = 0; i < 10; i += 1) {
      expect((await app.sendToken(`nobody${i}@example.org`, headers)).status).toBe(200);
    }
    const refused = await app.sendToken(ADDRESS, headers);
    expect(refused.status).toBe(429);
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0);
    const other = { 'X-Forwarded-For': '192.0.2.2' };
    expect((await app.sendToken(ADDRESS, other)).status).toBe(200);
  });

  it('the link at the end of a mail stops them, and only the button does', async () => {
    const app = await proving();
    await app.server.hold(alice.bytes);
    await app.sendToken(ADDRESS);
    const [mail] = await app.mails();
    const link = /https:\/\/keys\.example\.org(\/prove\/mails\?of=([0-9a-f]{32})&key=([0-9a-f]{32}))/.exec(
      mail?.text ?? '',
    );
    const [, path = '', of = '', key = ''] = link ?? [];
    const page = await app.server.get(path, { headers: { Accept: 'text/html' } });
    expect(await page.text()).toContain('Send me no more mails');
    app.server.clock.seconds += 11 * MINUTES;
    await app.sendToken(ADDRESS);
    expect(await app.mails()).toHaveLength(2);

    const choose = (mails: string, given = key): Promise<Response> =>
      press(app, '/prove/mails', [
        ['of', of],
        ['key', given],
        ['mails', mails],
      ]);
    expect((await choose('no', '0'.repeat(32))).status).toBe(400);
    expect((await choose('no')).status).toBe(200);
    app.server.clock.seconds += 11 * MINUTES;
    await app.sendToken(ADDRESS);
    expect(await app.mails()).toHaveLength(2);
    expect((await choose('yes')).status).toBe(200);
    await app.sendToken(ADDRESS);
    expect(await app.mails()).toHaveLength(3);
  });
});

describe('a mail', () => {
  it('holds the fingerprint, the server and two links, and nothing that anybody wrote', async () => {
    const app = await proving();
    const rude = makeCertificate(['BUY MY PILLS http://evil.example <alice@example.org>']);
    await app.server.hold(rude.bytes);
    await app.sendToken(ADDRESS);
    const [mail] = await app.mails();
    expect(mail).toMatchObject({ from: 'keys@keys.example.org', to: [ADDRESS] });
    expect(mail?.text).toContain(rude.fingerprint.match(/.{4}/g)?.join(' '));
    expect(mail?.text).not.toMatch(/PILLS|evil/);
    expect(
      mail?.text.match(/https?:\/\/[^/\s]+/g)?.every((one) => one.startsWith('https://keys.example.org')),
    ).toBe(true);
    const names = mail?.header.map((line) => line.split(':')[0]);
    expect(names?.toSorted()).toEqual([
      'Auto-Submitted',
      'Content-Transfer-Encoding',
      'Content-Type',
      'Date',
      'From',
      'List-Unsubscribe',
      'MIME-Version',
      'Message-ID',
      'Subject',
      'To',
    ]);
    expect(mail?.header).toContain(`To: ${ADDRESS}`);
    expect(mail?.header).toContain('Subject: Is this key yours?');
  });

  it('that the mail server does not take is in the log, without the address', async () => {
    const app = await proving('offered', {
      onRcptTo: ({ address }, _session, done) => done(new Error(`no such user ${address}`)),
    });
    await app.server.hold(alice.bytes);
    expect((await app.sendToken(ADDRESS)).status).toBe(200);
    expect(await app.mails()).toEqual([]);
    const line = app.lines.find(({ message }) => message === 'mail not handed in');
    expect(line).toMatchObject({ level: 'error', fields: { why: 'EENVELOPE' } });
    expect(JSON.stringify(app.lines)).not.toContain(ADDRESS);
  });
});
