import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { MailError } from '../../src/mail/error.ts';
import { smtpMailer, type Mail } from '../../src/mail/mailer.ts';
import { startMailServer } from './mail-server.ts';

const MAIL: Mail = {
  to: 'alice@example.org',
  subject: 'Is this key yours?',
  text: 'A text.\n',
  unsubscribe: 'https://keys.example.org/prove/mails',
  date: Date.parse('2026-01-01T00:00:00Z'),
};

async function passwordFile(password: string): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'vouch-mail-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  const path = join(folder, 'password');
  await writeFile(path, password, { mode: 0o600 });
  return path;
}

describe('smtpMailer', () => {
  it('hands in one mail, dated as it is told, for machines not to answer', async () => {
    const { mails, settings } = await startMailServer();
    await smtpMailer(settings).send(MAIL);
    expect(mails).toHaveLength(1);
    expect(mails[0]?.header).toContain('Date: Thu, 01 Jan 2026 00:00:00 +0000');
    expect(mails[0]?.header).toContain('Auto-Submitted: auto-generated');
    expect(mails[0]?.header).toContain('List-Unsubscribe: <https://keys.example.org/prove/mails>');
  });

  it('logs in with the password of the file', async () => {
    const given: unknown[] = [];
    const { mails, settings } = await startMailServer({
      authOptional: false,
      allowInsecureAuth: true,
      onAuth: ({ username, password }, _session, done) => {
        given.push([username, password]);
        done(null, { user: username });
      },
    });
    const path = await passwordFile('pass word\n');
    await smtpMailer({ ...settings, user: 'keys', passwordFile: path }).send(MAIL);
    expect(given).toEqual([['keys', 'pass word']]);
    expect(mails).toHaveLength(1);
  });

  it('does not begin without its password', () => {
    const settings = { host: '127.0.0.1', port: 25, tls: false, from: 'keys@example.org', user: 'keys' };
    const begin = (): unknown => smtpMailer({ ...settings, passwordFile: '/nonexistent/password' });
    expect(begin).toThrow(MailError);
    expect(begin).toThrow(expect.objectContaining({ code: 'NO_PASSWORD' }));
  });

  it('sends nothing to another host without TLS', async () => {
    const { mails, settings } = await startMailServer({ disabledCommands: ['STARTTLS'] });
    // The same server by an address that is not taken for this host.
    const mailer = smtpMailer({ ...settings, host: '::ffff:127.0.0.1' });
    await expect(mailer.send(MAIL)).rejects.toMatchObject({ code: 'ETLS' });
    expect(mails).toEqual([]);
  });

  it('sends nothing to a server whose certificate nobody vouches for', async () => {
    const { mails, settings } = await startMailServer({ secure: true });
    await expect(smtpMailer({ ...settings, tls: true }).send(MAIL)).rejects.toMatchObject({
      message: expect.stringMatching(/certificate|self.signed/i),
    });
    expect(mails).toEqual([]);
  });

  it('says so when nobody listens', async () => {
    const settings = { host: '127.0.0.1', port: 1, tls: false, from: 'keys@example.org' };
    await expect(smtpMailer(settings).send(MAIL)).rejects.toMatchObject({ code: 'ESOCKET' });
  });
});
