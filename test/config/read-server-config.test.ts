import { describe, expect, it } from 'vitest';
import { loadServerConfig } from '../../src/config/load-server-config.ts';
import { readServerConfig } from '../../src/config/read-server-config.ts';

describe('settings of the keystore', () => {
  it.each([{}, { VOUCH_THIRD_PARTY: 'keep' }])(
    'are the same however they are read: %j',
    async (environment) => {
      const sources = { flags: { data: '/srv/keys' }, environment };
      expect(await readServerConfig(sources)).toEqual(loadServerConfig(sources));
    },
  );

  it('are checked where something may be wrong', async () => {
    const sources = { flags: { listen: 'nowhere' }, environment: {} };
    await expect(readServerConfig(sources)).rejects.toMatchObject({ code: 'BAD_VALUE' });
  });
});
