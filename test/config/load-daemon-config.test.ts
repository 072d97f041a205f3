import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ConfigError } from '../../src/config/error.ts';
import { loadDaemonConfig } from '../../src/config/load-daemon-config.ts';
import type { DaemonConfigSources } from '../../src/config/load-daemon-config.ts';
import type { DaemonConfig } from '../../src/config/daemon-config.ts';
import {
  IMAGE_WORKERS,
  MAX_IMAGE_OCTETS,
  MAX_QUEUED_IMAGES,
  MAX_QUEUED_IMAGES_PER_CALLER,
} from '../../src/admission/limits.ts';
import { MAX_WAIT } from '../../src/daemon/limits.ts';

const THREE_LINES = 'state = "/s"\nkeys = "/k"\nkeystores = []\n';
const SHIPPED = readFileSync(new URL('../../config/daemon.toml', import.meta.url), 'utf8');

let folder: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'vouch-daemon-config-'));
});

afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

function load(toml: string, sources: Partial<DaemonConfigSources> = {}): DaemonConfig {
  const config = join(folder, 'daemon.toml');
  writeFileSync(config, toml);
  return loadDaemonConfig({ environment: {}, uid: 0, ...sources, flags: { config, ...sources.flags } });
}

function failure(run: () => unknown): ConfigError {
  try {
    run();
  } catch (error) {
    if (error instanceof ConfigError) return error;
    throw error;
  }
  throw new Error('nothing was thrown');
}

describe('loadDaemonConfig: defaults', () => {
  it('needs three lines', () => {
    expect(load(THREE_LINES)).toMatchObject({
      state: '/s',
      keys: ['/k'],
      keystores: [],
      socket: '/run/vouch/admin.sock',
      callers: [],
      publicSocket: false,
      metricsListen: undefined,
      logLevel: 'info',
      log: { folder: '/s/log', sync: 'batched', checkpointInterval: 3_600_000 },
      promote: { store: undefined },
      clockSkew: 300_000,
    });
  });

  it.each(['state', 'keys', 'keystores'])('says BAD_VALUE and what is wanted when %s is missing', (key) => {
    const lines = THREE_LINES.split('\n').filter((line) => !line.startsWith(`${key} `));
    const error = failure(() => load(lines.join('\n')));
    expect(error.code).toBe('BAD_VALUE');
    expect(error.message).toContain(`daemon.toml: ${key} must be`);
  });

  it('says what to do when there is no file at all', () => {
    const sources = { flags: {}, environment: {}, uid: 0, systemFile: join(folder, 'none.toml') };
    expect(failure(() => loadDaemonConfig(sources)).message).toContain('--config');
  });

  it('are what the shipped daemon.toml says', () => {
    const { state, keys, log, ...shipped } = load(SHIPPED);
    expect({ state, keys }).toEqual({ state: '/var/lib/vouch', keys: ['/etc/vouch/keys'] });
    const defaults = load(`state = "${state}"\nkeys = "${keys[0]}"\nkeystores = []\n`);
    expect({ ...shipped, state, keys, log }).toEqual(defaults);
  });

  it('are all in the shipped daemon.toml, also those that depend on the place', () => {
    const everything = SHIPPED.replaceAll(/^# (?=[a-z_]+ = )/gm, '');
    expect(load(everything)).toMatchObject({
      policy: '/etc/vouch/policy.toml',
      socket: '/run/vouch/admin.sock',
      metricsListen: { host: '127.0.0.1', port: 9464 },
      log: { folder: '/var/lib/vouch/log' },
      promote: { store: '/srv/vouch' },
    });
    const keys = [...everything.matchAll(/^([a-z_]+) = /gm)].map(([, key]) => key);
    const known = failure(() => load(`${THREE_LINES}zzzzzzzzzzzz = 1`)).message.split('known here are ')[1];
    const tables = ['log', 'limits', 'refresh', 'sweep', 'promote'];
    expect(keys).toEqual(
      expect.arrayContaining(known?.split(', ').filter((key) => !tables.includes(key)) ?? []),
    );
    expect(known).toContain('clock_skew');
  });

  it('agree with the rooms they are handed to', () => {
    expect(load(THREE_LINES).limits).toEqual({
      imageOctets: MAX_IMAGE_OCTETS,
      workers: IMAGE_WORKERS,
      queue: MAX_QUEUED_IMAGES,
      queuePerCaller: MAX_QUEUED_IMAGES_PER_CALLER,
      maxWait: MAX_WAIT,
    });
  });

  it('cannot be changed', () => {
    const config = load(THREE_LINES);
    expect(() => Object.assign(config, { state: 'x' })).toThrow(TypeError);
    expect(() => Object.assign(config.log, { folder: 'x' })).toThrow(TypeError);
    expect(() => Object.assign(config.keys, { 0: 'x' })).toThrow(TypeError);
  });
});

describe('loadDaemonConfig: places', () => {
  it('puts the socket of a user where the session has its own, else in the state folder', () => {
    const environment = { XDG_RUNTIME_DIR: '/run/user/1000' };
    expect(load(THREE_LINES, { uid: 1000, environment }).socket).toBe('/run/user/1000/vouch/admin.sock');
    expect(load(THREE_LINES, { uid: 1000 }).socket).toBe('/s/run/admin.sock');
  });

  it('takes the policy beside the file', () => {
    const policy = join(folder, 'policy.toml');
    writeFileSync(policy, '');
    expect(load(THREE_LINES).policy).toBe(policy);
    rmSync(policy);
  });

  it('makes relative paths absolute', () => {
    const config = load('state = "s"\nkeys = ["k", "/l"]\nkeystores = []\n[promote]\nstore = "p"');
    const here = process.cwd();
    expect(config).toMatchObject({
      state: join(here, 's'),
      keys: [join(here, 'k'), '/l'],
      promote: { store: join(here, 'p') },
    });
  });

  it('takes flags before environment before file, and reads the file that VOUCH_DAEMON_CONFIG names', () => {
    const toml = `${THREE_LINES}policy = "/file"\nsocket = "/file.sock"\nlog_level = "warn"\n`;
    const environment = { VOUCH_POLICY: '/environment', VOUCH_LOG_LEVEL: 'debug', VOUCH_SOCKET: '/client' };
    expect(load(toml, { environment })).toMatchObject({
      policy: '/environment',
      socket: '/file.sock',
      logLevel: 'debug',
    });
    const flags = { policy: '/flag', socket: '/flag.sock' };
    expect(load(toml, { environment, flags })).toMatchObject({ policy: '/flag', socket: '/flag.sock' });
    const named = { VOUCH_DAEMON_CONFIG: join(folder, 'daemon.toml'), VOUCH_CONFIG: '/none' };
    expect(loadDaemonConfig({ flags: {}, environment: named, uid: 0 }).state).toBe('/s');
  });

  it('reads the file of the host when none is named', () => {
    const systemFile = join(folder, 'system.toml');
    writeFileSync(systemFile, THREE_LINES);
    const config = loadDaemonConfig({ flags: {}, environment: {}, uid: 0, systemFile });
    expect(config).toMatchObject({ file: systemFile, state: '/s' });
  });
});

describe('loadDaemonConfig: faults', () => {
  it.each([
    ['callers = ["root"]', 'callers[0]'],
    ['callers = [-1]', 'callers[0]'],
    ['callers = [4294967295]', 'callers[0]'],
    ['public_socket = "yes"', 'public_socket'],
    ['metrics_listen = "0.0.0.0:9464"', 'metrics_listen'],
    ['metrics_listen = "127.example.org:9464"', 'metrics_listen'],
    ['clock_skew = 300', 'clock_skew'],
    ['clock_skew = "2h"', 'clock_skew'],
    ['[log]\nsync = "never"', 'log.sync'],
    ['[limits]\nworkers = 0', 'limits.workers'],
    ['[limits]\nmax_wait = "1 minute"', 'limits.max_wait'],
    ['[refresh]\nschedule = "hourly"', 'refresh.schedule'],
    ['[refresh]\nkey_interval = "1s"', 'refresh.key_interval'],
    ['[sweep]\nfolders = "/srv"', 'sweep.folders'],
  ])('says BAD_VALUE for %j, naming file and key', (toml, path) => {
    const error = failure(() => load(THREE_LINES + toml));
    expect(error.code).toBe('BAD_VALUE');
    expect(error.message).toContain(`daemon.toml: ${path} must be`);
  });

  it.each(['ftp://k', 'keys.example.org', 'https://a:b@k', 'https://'])('refuses the keystore %j', (url) => {
    const error = failure(() => load(`state = "/s"\nkeys = "/k"\nkeystores = ["${url}"]`));
    expect(error.message).toContain('keystores[0] must be the address');
  });

  it('says UNKNOWN_KEY and what was meant', () => {
    const error = failure(() => load(`${THREE_LINES}[sweep]\nfolder = []`));
    expect(error).toMatchObject({ code: 'UNKNOWN_KEY' });
    expect(error.message).toContain('did you mean "folders"?');
  });
});
