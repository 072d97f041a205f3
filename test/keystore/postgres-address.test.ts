import { describe, expect, it } from 'vitest';

import { isPostgresUrl, postgresAddress } from '../../src/keystore/postgres-address.ts';
import { failureCode } from './failure-code.ts';

describe('postgresAddress', () => {
  it.each([
    ['postgres://vouch:secret@db.example.org:5433/keys', 'postgres://vouch@db.example.org:5433/keys'],
    [
      'postgresql://db.example.org/keys?sslmode=verify-full&password=secret',
      'postgres://db.example.org/keys',
    ],
    ['postgres:///keys?host=/run/postgresql&user=vouch', 'postgres://vouch@/run/postgresql/keys'],
    ['postgres://vouch:sec%40ret@[::1]/keys', 'postgres://vouch@[::1]/keys'],
  ])('names %s for people without its password', (url, place) => {
    expect(postgresAddress(url)).toEqual({ url, place });
  });

  it.each([
    'mysql://a/b',
    'postgres://user:secret@/keys',
    'postgres://vouch:secret@db/keys?sslmode=require',
    'postgres://vouch:secret@db/keys?sslmode=verify-full&sslmode=no-verify',
    'postgres://vouch:secret@db/keys?SSLMODE=verify-full',
    'postgres://vouch:secret@db/keys?ssl_mode=verify-full',
    'postgres://vouch:secret@db/keys?ssl=no-verify',
    'var/keystore',
  ])('refuses %s, and does not repeat it', (url) => {
    expect(failureCode(() => postgresAddress(url))).toBe('BAD_ADDRESS');
    expect(() => postgresAddress(url)).toThrow(expect.not.stringContaining('secret') as string);
  });

  it('tells a database from a folder', () => {
    expect(['postgres://a/b', 'PostgreSQL://a/b', 'var', './postgres'].map(isPostgresUrl)).toEqual([
      true,
      true,
      false,
      false,
    ]);
  });
});
