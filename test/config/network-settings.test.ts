import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { failure, load } from './loading.ts';

describe('loadServerConfig: running on a network', () => {
  it('takes what the shipped server.toml only shows', () => {
    const shipped = readFileSync(new URL('../../config/server.toml', import.meta.url), 'utf8');
    const shown = shipped
      .replace(/^# (?=metrics_listen|folder|\[tls\]|certificate = |key = )/gm, '')
      .replace('schedule = "17 3 * * *"', 'schedule = "off"');
    expect(load(shown)).toMatchObject({
      metricsListen: { host: '127.0.0.1', port: 9464 },
      tls: { certificate: '/etc/vouch/tls/fullchain.pem', key: '/etc/vouch/tls/privkey.pem' },
      backup: { folder: '/var/backups/vouch', keep: 7, schedule: 'off' },
    });
  });

  it('takes the mail server that the shipped server.toml shows', () => {
    const shipped = readFileSync(new URL('../../config/server.toml', import.meta.url), 'utf8');
    const shown = shipped.replace(
      /^# (?=public_url|\[mail\]|server = |from = |user = |password_file = |proof = )/gm,
      '',
    );
    expect(load(shown).mail).toEqual({
      host: 'mail.example.org',
      port: 587,
      tls: false,
      from: 'keys@example.org',
      user: 'keys',
      passwordFile: '/etc/vouch/mail.password',
      proof: 'offered',
    });
  });

  it.each([
    ['smtps://mail.example.org', { host: 'mail.example.org', port: 465, tls: true }],
    ['smtp://mail.example.org', { host: 'mail.example.org', port: 587, tls: false }],
    ['smtp://[::1]:2525/', { host: '::1', port: 2525, tls: false }],
  ])('reads the mail server %s', (server, expected) => {
    const toml = `public_url = "https://keys.example.org"\n[mail]\nserver = "${server}"\nfrom = "keys@example.org"`;
    expect(load(toml).mail).toMatchObject({ ...expected, proof: 'offered', user: undefined });
  });

  it.each([
    ['server = "mail.example.org"', 'mail.server'],
    ['server = "https://mail.example.org"', 'mail.server'],
    ['server = "smtp://user:secret@mail.example.org"', 'mail.server'],
    ['server = "smtp://mail.example.org/path"', 'mail.server'],
    ['from = "keys@example.org, eve@example.net"', 'mail.from'],
    ['from = "Keys <keys@example.org>"', 'mail.from'],
    ['user = "keys"', 'password_file'],
    ['proof = "always"', 'mail.proof'],
  ])('refuses a mail server with %s by name', (line, name) => {
    const given = new Map([
      ['server', 'server = "smtp://mail.example.org"'],
      ['from', 'from = "keys@example.org"'],
    ]);
    given.set(line.split(' ')[0] ?? '', line);
    const toml = `public_url = "https://keys.example.org"\n[mail]\n${[...given.values()].join('\n')}`;
    const { code, message } = failure(() => load(toml));
    expect(code).toBe('BAD_VALUE');
    expect(message).toContain(name);
  });

  it('refuses to send mails without an address for the links in them', () => {
    const toml = '[mail]\nserver = "smtp://mail.example.org"\nfrom = "keys@example.org"';
    expect(failure(() => load(toml)).message).toContain('public_url');
  });

  it('puts backups into the data folder, wherever that is', () => {
    expect(load('', { data: 'elsewhere' }).backup.folder).toBe(join('elsewhere', 'backups'));
  });

  it.each([
    ['[access]\nmode = "everybody"', 'access.mode'],
    ['[tls]\ncertificate = "a.pem"', 'tls.key'],
    ['[backup]\nschedule = "daily"', 'backup.schedule'],
    ['[jobs]\nexpiring_days = 0', 'jobs.expiring_days'],
    ['[weak_keys]\naction = "ignore"', 'weak_keys.action'],
    ['metrics_listen = "9464"', 'metrics_listen'],
  ])('refuses %j by name', (toml, name) => {
    const { code, message } = failure(() => load(toml));
    expect(code).toBe('BAD_VALUE');
    expect(message).toContain(name);
  });

  it('names the keys of a table when one is unknown', () => {
    const { code, message } = failure(() => load('[jobs]\nexpirin = "off"'));
    expect(code).toBe('UNKNOWN_KEY');
    expect(message).toContain('did you mean "expiring"');
  });
});
