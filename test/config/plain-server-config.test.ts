import { describe, expect, it } from 'vitest';
import { loadServerConfig } from '../../src/config/load-server-config.ts';
import { plainServerConfig } from '../../src/config/plain-server-config.ts';
import type { ServerConfigSources } from '../../src/config/server-sources.ts';

const sources = (
  flags: ServerConfigSources['flags'],
  environment: ServerConfigSources['environment'] = {},
): ServerConfigSources => ({ flags, environment });

describe('plain settings of the keystore', () => {
  it.each([
    sources({}),
    sources({ listen: '127.0.0.1:0', data: '/srv/keys' }),
    sources({ listen: '[::1]:11371' }),
    sources({ data: 'one/../two' }),
    sources({}, { VOUCH_LISTEN: '0.0.0.0:80', VOUCH_DATA: '/srv/keys', VOUCH_PORT: 'tcp://10.0.0.1:80' }),
    sources({ data: 'flag' }, { VOUCH_DATA: 'variable', VOUCH_CONFIG: '', VOUCH_LOG_LEVEL: '' }),
  ])('are those that checking all of them gives: %j', (given) => {
    expect(plainServerConfig(given)).toEqual(loadServerConfig(given));
  });

  it.each([
    sources({ config: 'server.toml' }),
    sources({}, { VOUCH_CONFIG: 'server.toml' }),
    sources({ store: 'postgres://vouch@localhost/vouch' }),
    sources({}, { VOUCH_STORE: 'postgres://vouch@localhost/vouch' }),
    sources({}, { VOUCH_PUBLIC_URL: 'https://keys.example.org' }),
    sources({}, { VOUCH_LOG_LEVEL: 'debug' }),
    sources({}, { VOUCH_THIRD_PARTY: 'keep' }),
    sources({ listen: 'nowhere' }),
    sources({ data: '' }),
  ])('are left to be checked when more is given: %j', (given) => {
    expect(plainServerConfig(given)).toBeUndefined();
  });

  it('cannot be changed', () => {
    const config = plainServerConfig(sources({}));
    expect(() => Object.assign(config?.limits ?? {}, { subkeys: 1 })).toThrow(TypeError);
  });
});
