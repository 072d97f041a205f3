import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { loadServerConfig } from '../../src/config/load-server-config.ts';
import {
  DEFAULT_EXEMPT_NETWORKS,
  DEFAULT_LOOKUP_BUDGET,
  DEFAULT_PUSH_BUDGET,
} from '../../src/access/limits.ts';
import { DEFAULT_CHECK_LIMITS, MAX_UPLOAD_OCTETS } from '../../src/openpgp/limits.ts';
import { defaults, failure, folder, load } from './loading.ts';

describe('loadServerConfig: defaults', () => {
  it('needs no file', () => {
    expect(defaults()).toMatchObject({
      listen: { host: '127.0.0.1', port: 11371 },
      data: 'var',
      publicUrl: undefined,
      logLevel: 'info',
      thirdParty: 'strip',
    });
  });

  it('are what the shipped server.toml says, with and without its comment marks', () => {
    const shipped = readFileSync(new URL('../../config/server.toml', import.meta.url), 'utf8');
    expect(load(shipped)).toEqual(defaults());
    const { publicUrl, ...rest } = load(shipped.replace(/^# (?=public_url)/m, ''));
    expect(publicUrl).toBe('https://keys.example.org');
    expect({ ...rest, publicUrl: undefined }).toEqual(defaults());
  });

  it('are all in the shipped server.toml', () => {
    const shipped = readFileSync(new URL('../../config/server.toml', import.meta.url), 'utf8');
    // In the order of the file, so that neither can have one that the other lacks.
    const numbers = [...shipped.matchAll(/^(?<key>[a-z_]+) = (?<value>[\d_]+)$/gm)];
    const { limits, rateLimits, backup, jobs } = defaults();
    expect(numbers.map((match) => Number(match.groups?.['value']?.replaceAll('_', '')))).toEqual([
      backup.keep,
      jobs.expiringDays,
      ...Object.values(limits),
      ...Object.values(rateLimits.lookups),
      ...Object.values(rateLimits.pushes),
    ]);
  });

  it('agree with the rooms they are handed to', () => {
    const { limits, rateLimits } = defaults();
    const { uploadOctets, pageSize, ...check } = limits;
    expect(check).toEqual(DEFAULT_CHECK_LIMITS);
    expect(uploadOctets).toBe(MAX_UPLOAD_OCTETS);
    expect(pageSize).toBe(100);
    expect(rateLimits).toEqual({
      lookups: DEFAULT_LOOKUP_BUDGET,
      pushes: DEFAULT_PUSH_BUDGET,
      exempt: DEFAULT_EXEMPT_NETWORKS,
      trustedProxies: [],
    });
  });

  it('cannot be changed', () => {
    const config = defaults();
    expect(() => Object.assign(config.limits, { subkeys: 1 })).toThrow(TypeError);
    expect(() => Object.assign(config.rateLimits.exempt, { 0: '0.0.0.0/0' })).toThrow(TypeError);
  });
});

describe('loadServerConfig: precedence', () => {
  it('takes flags before environment before file before defaults', () => {
    const file = 'listen = "127.0.0.1:1"\ndata = "file"\nlog_level = "warn"\n';
    const environment = { VOUCH_LISTEN: '127.0.0.1:2', VOUCH_DATA: 'environment' };
    expect(load(file, { listen: '127.0.0.1:3' }, environment)).toMatchObject({
      listen: { port: 3 },
      data: 'environment',
      logLevel: 'warn',
      thirdParty: 'strip',
    });
  });

  it('reads the file that VOUCH_CONFIG names, unless a flag names another', () => {
    const one = join(folder, 'one.toml');
    const two = join(folder, 'two.toml');
    writeFileSync(one, 'data = "one"');
    writeFileSync(two, 'data = "two"');
    const environment = { VOUCH_CONFIG: one };
    expect(loadServerConfig({ flags: {}, environment }).data).toBe('one');
    expect(loadServerConfig({ flags: { config: two }, environment }).data).toBe('two');
  });

  it('takes an empty variable as not set', () => {
    expect(load('data = "file"', {}, { VOUCH_DATA: '' }).data).toBe('file');
  });

  it('leaves variables alone that it does not know', () => {
    const environment = { VOUCH_PORT: 'tcp://10.0.0.1:11371', VOUCH_SERVICE_HOST: '10.0.0.1' };
    expect(loadServerConfig({ flags: {}, environment })).toEqual(defaults());
  });

  it('does not mind a bad value that a stronger one replaces', () => {
    expect(load('listen = "nonsense"', { listen: '127.0.0.1:3' }).listen.port).toBe(3);
  });
});

describe('loadServerConfig: values', () => {
  it('takes fingerprints as tools print them', () => {
    const printed = '0123 4567 89ab cdef 0123  4567 89AB CDEF 0123 4567';
    const plain = '0123456789ABCDEF0123456789ABCDEF01234567';
    const six = `0x${'ab'.repeat(32)}`;
    expect(load(`blocked = ["${printed}", "${six}"]`).blocked).toEqual([plain, 'AB'.repeat(32)]);
  });

  it('takes the slash off the end of the public address', () => {
    expect(load('public_url = "https://keys.example.org/"').publicUrl).toBe('https://keys.example.org');
    expect(load('public_url = "http://h/vouch/"').publicUrl).toBe('http://h/vouch');
  });

  it('keeps the other settings of a table when one is given', () => {
    const { limits, rateLimits } = load('[limits]\nsubkeys = 20\n[rate_limits.pushes]\nrequests = 5');
    expect(limits).toEqual({ ...defaults().limits, subkeys: 20 });
    expect(rateLimits).toEqual({ ...defaults().rateLimits, pushes: { requests: 5, seconds: 60 } });
  });
});

describe('loadServerConfig: faults', () => {
  it('says CONFIG_NOT_FOUND for a missing file', () => {
    const error = failure(() =>
      loadServerConfig({ flags: { config: join(folder, 'none') }, environment: {} }),
    );
    expect(error.code).toBe('CONFIG_NOT_FOUND');
  });

  it('says CONFIG_UNREADABLE for a folder and for octets that are not UTF-8', () => {
    expect(failure(() => loadServerConfig({ flags: { config: folder }, environment: {} })).code).toBe(
      'CONFIG_UNREADABLE',
    );
    expect(failure(() => load(Uint8Array.of(0x61, 0xff))).code).toBe('CONFIG_UNREADABLE');
  });

  it.each([
    ['a value is missing', 'data = "x"\nlisten = \n', 2],
    ['a key is given twice', 'data = "x"\n\ndata = "y"\n', 3],
    ['a table is given twice', '[limits]\nsubkeys = 1\n[limits]\n', 3],
    ['a string is not closed', 'data = "x\n', 1],
  ])('says BAD_TOML with file and line when %s', (_, toml, line) => {
    const error = failure(() => load(toml));
    expect(error.code).toBe('BAD_TOML');
    expect(error.message).toContain(`${join(folder, 'server.toml')}:${line}:`);
    expect(error.message).not.toContain('\n');
  });

  it.each([
    ['lisen = "127.0.0.1:1"', 'lisen', 'listen'],
    ['[limits]\nsubkey = 1', 'limits.subkey', 'subkeys'],
    ['[rate_limits.pushes]\nrequest = 1', 'rate_limits.pushes.request', 'requests'],
    ['port = 1', 'port', 'log_level'],
    ['"__proto__" = 1', '__proto__', 'listen'],
  ])('says UNKNOWN_KEY for %j, its path and what is known', (toml, path, known) => {
    const error = failure(() => load(toml));
    expect(error.code).toBe('UNKNOWN_KEY');
    expect(error.message).toContain(path);
    expect(error.message).toContain(known);
  });

  it.each([
    ['listen = 11371', 'listen'],
    ['listen = "11371"', 'listen'],
    ['data = ""', 'data'],
    ['data = ["var"]', 'data'],
    ['public_url = "keys.example.org"', 'public_url'],
    ['public_url = "ftp://keys.example.org"', 'public_url'],
    ['public_url = "https://a:b@keys.example.org"', 'public_url'],
    ['public_url = "https://keys.example.org/?x"', 'public_url'],
    ['log_level = "verbose"', 'log_level'],
    ['third_party = "all"', 'third_party'],
    ['blocked = "AB"', 'blocked'],
    ['blocked = ["0123456789ABCDEF"]', 'blocked[0]'],
    ['limits = 1', 'limits'],
    ['[limits]\nsubkeys = 0', 'limits.subkeys'],
    ['[limits]\nsubkeys = 1.5', 'limits.subkeys'],
    ['[limits]\nsubkeys = "1"', 'limits.subkeys'],
    ['[limits]\npage_size = 257', 'limits.page_size'],
    ['[rate_limits]\nexempt = ["localhost"]', 'rate_limits.exempt[0]'],
    ['[rate_limits]\ntrusted_proxies = "10.0.0.1"', 'rate_limits.trusted_proxies'],
    ['[rate_limits]\nlookups = 5', 'rate_limits.lookups'],
  ])('says BAD_VALUE for %j, naming file and key', (toml, path) => {
    const error = failure(() => load(toml));
    expect(error.code).toBe('BAD_VALUE');
    expect(error.message).toContain(`${join(folder, 'server.toml')}: ${path} must be`);
  });

  it('names the variable or the flag that a bad value came from', () => {
    expect(failure(() => load('', {}, { VOUCH_LISTEN: 'x' })).message).toMatch(/^VOUCH_LISTEN must be/);
    expect(failure(() => load('', { listen: 'x' })).message).toMatch(/^--listen must be/);
  });

  it('names every fault of a file', () => {
    const error = failure(() => load('listen = 1\nlog_level = 2'));
    expect(error.message).toMatch(/listen must be .*; .*log_level must be/);
  });
});
